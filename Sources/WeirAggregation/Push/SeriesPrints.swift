import WeirBytes
import WeirMetrics

/// Fingerprints of the series that a frame speaks of, made from those of its strings, each of which is
/// read once however many records name it.
///
/// A series' fingerprint is that of its name and kind plus those of its labels: a sum, so that the order
/// of labels does not matter. What is added are secret words of 128 bits, which nobody outside can
/// choose to cancel out.
struct SeriesPrints: ~Copyable {
  private let key: FingerprintKey
  /// For strings that have no fingerprint of their own.
  private let long: (KeyedHash, KeyedHash)
  private let salt: (UInt64, UInt64)
  private var strings = Column<Fingerprint>(capacity: 128)
  /// Of the frame's common labels together.
  private var common = Fingerprint(low: 0, high: 0)

  init(_ seed: KeyStream) {
    var stream = seed
    key = FingerprintKey(from: &stream)
    long = (.random(using: &stream), .random(using: &stream))
    salt = (stream.next() | 1, stream.next() | 1)
  }

  /// Reads the strings of a frame.
  ///
  /// - Complexity: O(bytes of them).
  mutating func begin(_ frame: borrowing PushFrame, _ bytes: Span<UInt8>) {
    strings.removeAll()
    for index in frame.strings.indices {
      let text = frame.strings[index]
      strings.append(print(Int(text.start), Int(text.length), bytes))
    }
    var common = Fingerprint(low: 0, high: 0)
    for index in frame.common.indices { add(frame.common[index], to: &common) }
    self.common = common
  }

  /// The fingerprint of a record's series. Explicit and exponential buckets are two things to know of it.
  @inline(__always)
  func print(of record: PushRecord, in frame: borrowing PushFrame) -> Fingerprint {
    let name = strings[Int(record.name)]
    let about = UInt64(record.content == .exponential ? 4 : record.kind.index)
    var print = common
    print.add(SeriesPrints.stir(name.low ^ about, name.high, salt.1, salt.0))
    for index in record.labels.indices { add(frame.labels[index], to: &print) }
    return print
  }

  @inline(__always)
  private func add(_ label: PushFrame.Label, to print: inout Fingerprint) {
    let name = strings[Int(label.name)]
    let value = strings[Int(label.value)]
    print.add(
      SeriesPrints.stir(
        name.low ^ value.high.byteSwapped, name.high &+ value.low, salt.0, salt.1))
  }

  /// Two words made of two, each of which depends on both: two full multiplications whose halves are
  /// folded.
  @inline(__always)
  private static func stir(
    _ low: UInt64, _ high: UInt64, _ first: UInt64, _ second: UInt64
  ) -> Fingerprint {
    let left = (low ^ first).multipliedFullWidth(by: high ^ second)
    let right = (high &+ first).multipliedFullWidth(by: low &+ second)
    return Fingerprint(low: left.high ^ left.low, high: right.high ^ right.low)
  }

  private func print(_ start: Int, _ length: Int, _ bytes: Span<UInt8>) -> Fingerprint {
    guard length <= FingerprintKey.bytesMax else {
      return Fingerprint(
        low: long.0.hash(bytes, from: start, length: length),
        high: long.1.hash(bytes, from: start, length: length))
    }
    return key.fingerprint(of: 0, start, length, start, 0, in: bytes)
  }
}

extension Fingerprint {
  @inline(__always)
  fileprivate mutating func add(_ other: Fingerprint) {
    let (low, overflow) = self.low.addingReportingOverflow(other.low)
    self = Fingerprint(low: low, high: high &+ other.high &+ (overflow ? 1 : 0))
  }
}
