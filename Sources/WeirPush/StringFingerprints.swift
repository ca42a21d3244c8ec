import WeirBytes

/// Fingerprints of a frame's strings, and of series made from them. Each string is hashed once,
/// whatever the number of records that use it.
///
///     low  = N.low * (salt.high + about) + Σ (n.low ^ salt.low) * v.low
///     high = N.high                      + Σ n.high ^ rotated(v.high)
///
/// for a metric's name N and labels n=v. It is a sum over labels, so their order does not matter.
/// The strings' fingerprints depend on a secret key. Two series of one instance have the same
/// fingerprint with a probability of about 2⁻⁶⁰ at most; only totals of that instance would then be
/// mixed up.
@usableFromInline
package struct StringFingerprints: ~Copyable {
  private let key: FingerprintKey
  /// For strings that are too long for `key`.
  private let long: (KeyedHash, KeyedHash)
  /// Makes a name differ from a value of the same text.
  @usableFromInline let salt: Fingerprint
  @usableFromInline var entries = Column<Entry>(capacity: 128)
  /// Names of labels, each text once, in the order of their bits.
  private var names = Column<UInt32>(capacity: 64)
  /// The fingerprint of no bytes.
  @usableFromInline let empty: Fingerprint

  /// What is known of a string, in one place, so that a label costs two memory accesses.
  @usableFromInline
  struct Entry: BitwiseCopyable {
    @usableFromInline let fingerprint: Fingerprint
    /// The bit that stands for the string as a label's name; 0 until it is one.
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
    empty = key.fingerprint(number: 0, first: 0..<0, second: 0..<0, in: nothing.span)
  }

  /// The number of strings.
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
    entries.append(
      Entry(
        key.fingerprint(
          number: 0, first: start..<start &+ length, second: start..<start, in: bytes)))
  }

  /// Adds a label to the fingerprint of its series if it is plain, as nearly all are: with a value,
  /// and with a name that no label before it has.
  ///
  /// - Parameter seen: The names before it, as bits, and `doubtful`; the label's own is added.
  /// - Precondition: both are indices of strings.
  /// - Returns: False where the label is not plain, or may not be. The fingerprint is then wrong,
  ///   and has to be computed with `LabelFingerprints`.
  @inlinable
  @inline(__always)
  package mutating func addPlainLabel(
    name: Int, value: Int, seen: inout UInt64, to fingerprint: inout Fingerprint
  ) -> Bool {
    let (known, text) = (entries[name], entries[value].fingerprint)
    let bit = known.nameBit == 0 ? findBit(name) : known.nameBit
    // Comparing one half is enough: a value that is taken for empty by mistake only costs time.
    guard seen & bit == 0, text.low != empty.low else { return false }
    seen |= bit
    add(known.fingerprint, text, to: &fingerprint)
    return true
  }

  /// The bit of names that are never plain: those after the first 63 of a frame, and the empty one.
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

  /// Removes a label from the fingerprint of its series.
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

  /// Adds the metric's name, and which of its totals a record is about.
  @inlinable
  @inline(__always)
  package func addName(_ name: Int, about: UInt64, to fingerprint: inout Fingerprint) {
    let name = entries[name].fingerprint
    fingerprint = Fingerprint(
      low: fingerprint.low &+ name.low &* (salt.high &+ about), high: fingerprint.high &+ name.high)
  }
}
