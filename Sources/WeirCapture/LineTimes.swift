/// Moves the timestamps of DogStatsD lines (`|T1656581400`), so that a replayed recording looks new.
package enum LineTimes {
  /// The most digits of a timestamp. More would not fit in 64 bits.
  private static let digitsMax = 18

  /// The payload with `shift` seconds added to each timestamp. A field is a timestamp if it is a `T` with digits
  /// and comes after the type. A result below 0 is written as 0. All other bytes are unchanged.
  ///
  /// - Complexity: O(bytes).
  package static func moved(_ payload: [UInt8], bySeconds shift: Int64) -> [UInt8] {
    guard payload.contains(UInt8(ascii: "|")) else { return payload }
    var moved: [UInt8] = []
    moved.reserveCapacity(payload.count + 16)
    var index = 0
    var fields = 0
    while index < payload.count {
      let byte = payload[index]
      moved.append(byte)
      index += 1
      switch byte {
      case UInt8(ascii: "\n"): fields = 0
      case UInt8(ascii: "|"):
        fields += 1
        guard fields >= 2, let (time, end) = time(in: payload, at: index) else { continue }
        let (sum, overflow) = time.addingReportingOverflow(shift)
        moved += "T\(overflow ? time : max(0, sum))".utf8
        index = end
      default: break
      }
    }
    return moved
  }

  /// The timestamp of the field that begins at `start`, and where the field ends.
  private static func time(in payload: [UInt8], at start: Int) -> (time: Int64, end: Int)? {
    guard start < payload.count, payload[start] == UInt8(ascii: "T") else { return nil }
    var time: Int64 = 0
    var index = start + 1
    while index < payload.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= payload[index] {
      guard index - start <= digitsMax else { return nil }
      time = time * 10 + Int64(payload[index] - UInt8(ascii: "0"))
      index += 1
    }
    guard index > start + 1 else { return nil }
    let ends: [UInt8] = [UInt8(ascii: "|"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
    guard index == payload.count || ends.contains(payload[index]) else { return nil }
    return (time, index)
  }
}
