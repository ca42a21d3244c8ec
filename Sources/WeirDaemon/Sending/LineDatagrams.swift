/// Lines in datagrams, as many in each as fit.
struct LineDatagrams {
  /// What passes through an Ethernet unfragmented.
  static let bytesMax = 1_400

  private(set) var datagrams: [[UInt8]] = []
  private(set) var lines = 0

  /// Adds a line without its newline. One that is longer than `bytesMax` has a datagram of its own.
  mutating func append(_ line: [UInt8]) {
    lines += 1
    let last = datagrams.count - 1
    if last >= 0, datagrams[last].count + 1 + line.count <= LineDatagrams.bytesMax {
      datagrams[last].append(UInt8(ascii: "\n"))
      datagrams[last] += line
    } else {
      datagrams.append(line)
    }
  }
}
