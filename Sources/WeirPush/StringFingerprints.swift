import WeirBytes

/// Fingerprints of a frame's strings, each of which is read once however many records name it, and of
/// series made from those.
///
/// In one half a label's is the product of that of its name and that of its value, in the other they are
/// mixed, and a series' is the sum over its labels, so that their order does not matter. All of it comes of a
/// secret key. Two series of one instance have the same with a probability of some 2⁻⁶⁰ at most; what would be
/// confounded then are totals of that instance alone.
@usableFromInline
package struct StringFingerprints: ~Copyable {
  private let key: FingerprintKey
  /// For strings that are too long for it.
  private let long: (KeyedHash, KeyedHash)
  /// Sets a name apart from a value of the same text.
  @usableFromInline let salt: Fingerprint
  @usableFromInline var entries = Column<Entry>(capacity: 128)
  /// Strings that labels were named by, each text once: those that have the first bits.
  private var names = Column<UInt32>(capacity: 64)
  /// That of no bytes.
  @usableFromInline let empty: Fingerprint

  /// What is known of a string, side by side so that a label costs two looks.
  @usableFromInline
  struct Entry: BitwiseCopyable {
    @usableFromInline let fingerprint: Fingerprint
    /// Where a label was named by it the bit that stands for its name, else 0.
    @usableFromInline var nameBit: UInt64 = 0

    init(_ fingerprint: Fingerprint) { self.fingerprint = fingerprint }
  }

  /// - Parameter seed: Equal seeds give equal fingerprints.
  package init(_ seed: KeyStream) {
    var stream = seed
    key = FingerprintKey(from: &stream)
    long = (.random(using: &stream), .random(using: &stream))
    salt = Fingerprint(low: stream.next(), high: stream.next())
    let nothing: [UInt8] = []
    empty = key.fingerprint(of: 0, 0, 0, 0, 0, in: nothing.span)
  }

  /// Strings so far.
  @inlinable package var count: Int { entries.count }

  package mutating func removeAll() {
    entries.removeAll()
    names.removeAll()
  }

  /// Appends the fingerprint of a string.
  ///
  /// - Complexity: O(`length`).
  package mutating func append(_ bytes: Span<UInt8>, from start: Int, length: Int) {
    guard length <= FingerprintKey.bytesMax else {
      let low = long.0.hash(bytes, from: start, length: length)
      let high = long.1.hash(bytes, from: start, length: length)
      return entries.append(Entry(Fingerprint(low: low, high: high)))
    }
    entries.append(Entry(key.fingerprint(of: 0, start, length, start, 0, in: bytes)))
  }

  /// Adds a label to the fingerprint of its series, if it is as labels nearly always are: of another name
  /// than those before it, and with a value.
  ///
  /// - Parameter seen: The names before it, as bits, and `doubtful`; brought up to date.
  /// - Precondition: both are indices of strings.
  /// - Returns: False where it is not so, or that can't be told: then the fingerprint is of no use, and
  ///   `LabelFingerprints` finds it.
  @inlinable
  @inline(__always)
  package mutating func addPlainLabel(
    name: Int, value: Int, seen: inout UInt64, to fingerprint: inout Fingerprint
  ) -> Bool {
    let (known, text) = (entries[name], entries[value].fingerprint)
    let bit = known.nameBit == 0 ? findBit(name) : known.nameBit
    // Half of it is enough: what is taken for empty by mistake is only looked at more closely.
    guard seen & bit == 0, text.low != empty.low else { return false }
    seen |= bit
    add(known.fingerprint, text, to: &fingerprint)
    return true
  }

  /// The bit of names that are never plain: those beyond the first 63 of a frame, and that of no bytes.
  package static let doubtful: UInt64 = 1 << 63

  @usableFromInline
  @inline(never)
  mutating func findBit(_ name: Int) -> UInt64 {
    let fingerprint = entries[name].fingerprint
    var bit = StringFingerprints.doubtful
    if let known = names.indices.first(where: { entries[Int(names[$0])].fingerprint == fingerprint }
    ) {
      bit = 1 << UInt64(known)
    } else if names.count < 63, fingerprint != empty {
      bit = 1 << UInt64(names.count)
      names.append(UInt32(truncatingIfNeeded: name))
    }
    entries[name].nameBit = bit
    return bit
  }

  /// Whether a string has no bytes.
  @inlinable
  package func isEmpty(_ index: Int) -> Bool { entries[index].fingerprint == empty }

  /// The fingerprint of a string.
  package func fingerprint(of index: Int) -> Fingerprint { entries[index].fingerprint }

  /// Adds a label to the fingerprint of its series.
  ///
  /// - Precondition: both are indices of strings.
  @inlinable
  @inline(__always)
  package func addLabel(name: Int, value: Int, to fingerprint: inout Fingerprint) {
    add(entries[name].fingerprint, entries[value].fingerprint, to: &fingerprint)
  }

  /// Takes a label out of the fingerprint of its series.
  ///
  /// - Precondition: both are indices of strings, and the label was added.
  package func removeLabel(name: Int, value: Int, from fingerprint: inout Fingerprint) {
    var label = Fingerprint.none
    addLabel(name: name, value: value, to: &label)
    fingerprint = Fingerprint(
      low: fingerprint.low &- label.low, high: fingerprint.high &- label.high)
  }

  @inlinable
  @inline(__always)
  func add(_ name: Fingerprint, _ value: Fingerprint, to fingerprint: inout Fingerprint) {
    fingerprint = Fingerprint(
      low: fingerprint.low &+ (name.low ^ salt.low) &* value.low,
      high: fingerprint.high &+ (name.high ^ (value.high &<< 23 | value.high &>> 41)))
  }

  /// Adds a name, and which of several things is told of the series.
  @inlinable
  @inline(__always)
  package func addName(_ name: Int, about: UInt64, to fingerprint: inout Fingerprint) {
    let name = entries[name].fingerprint
    fingerprint = Fingerprint(
      low: fingerprint.low &+ name.low &* (salt.high &+ about), high: fingerprint.high &+ name.high)
  }
}
