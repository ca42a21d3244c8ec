extension Deflater {
  /// The bytes in the gzip format; nil if there is no memory for zlib.
  ///
  /// - Parameter level: From 1, the fastest, to 9.
  package static func gzip(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
    guard let deflater = Deflater(level: level) else { return nil }
    var output: [UInt8] = []
    return deflater.compress(bytes, isLast: true, onto: &output) ? output : nil
  }
}
