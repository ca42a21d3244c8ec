import WeirBytes

/// Fingerprints of a frame's strings, each of which is read once however many records name it, and of
/// series made from those.
///
/// In one half a label's is the product of that of its name and that of its value, in the other they are
/// mixed, and a series' is the sum over its labels, so that their order does not matter. All of it comes of a
/// secret key. Two series of one instance have the same with a probability of some 2⁻⁶⁰ at most; what would be
/// confounded then are totals of that instance alone.
@usableFromInline
package struct StringPrints: ~Copyable {
  private let key: FingerprintKey
  /// For strings that are too long for it.
  private let long: (KeyedHash, KeyedHash)
  /// Sets a name apart from a value of the same text.
  @usableFromInline let salt: Fingerprint
  @usableFromInline var prints = Column<Fingerprint>(capacity: 128)

  /// - Parameter seed: Equal seeds give equal fingerprints.
  package init(_ seed: KeyStream) {
    var stream = seed
    key = FingerprintKey(from: &stream)
    long = (.random(using: &stream), .random(using: &stream))
    salt = Fingerprint(low: stream.next(), high: stream.next())
  }

  /// Strings so far.
  @inlinable package var count: Int { prints.count }

  package mutating func removeAll() { prints.removeAll() }

  /// Appends the fingerprint of a string.
  ///
  /// - Complexity: O(`length`).
  package mutating func append(_ bytes: Span<UInt8>, from start: Int, length: Int) {
    guard length <= FingerprintKey.bytesMax else {
      let low = long.0.hash(bytes, from: start, length: length)
      let high = long.1.hash(bytes, from: start, length: length)
      return prints.append(Fingerprint(low: low, high: high))
    }
    prints.append(key.fingerprint(of: 0, start, length, start, 0, in: bytes))
  }

  /// Adds a label to the fingerprint of its series.
  ///
  /// - Precondition: both are indices of strings.
  @inlinable
  @inline(__always)
  package func addLabel(name: Int, value: Int, to print: inout Fingerprint) {
    let (name, value) = (prints[name], prints[value])
    print = Fingerprint(
      low: print.low &+ (name.low ^ salt.low) &* value.low,
      high: print.high &+ (name.high ^ (value.high &<< 23 | value.high &>> 41)))
  }

  /// Adds a name, and which of several things is told of the series.
  @inlinable
  @inline(__always)
  package func addName(_ name: Int, about: UInt64, to print: inout Fingerprint) {
    let name = prints[name]
    print = Fingerprint(
      low: print.low &+ name.low &* (salt.high &+ about), high: print.high &+ name.high)
  }
}
