/// How many places a name had some minutes ago, in 16 bytes.
///
/// Time is divided into periods of five minutes. A mark is the number of places at the start of a period.
///
///     period      p - 2        p - 1        p
///                 |            |            |        now
///     starts      [2]          [1]          [0]
///
/// So the oldest mark is 10 to 15 minutes old. A name that was released begins again with 0.
struct PlaceMarks {
  static let periodSeconds: UInt32 = 300

  private var period: UInt32 = 0
  private var starts: (UInt32, UInt32, UInt32) = (0, 0, 0)

  /// Of a name without places.
  init() {}

  /// Of a name that has had these places from the beginning.
  init(second: UInt32, places: Int) {
    period = second / PlaceMarks.periodSeconds
    let places = UInt32(clamping: places)
    starts = (places, places, places)
  }

  /// Moves on to the period of a second. The places have not changed since the last call.
  mutating func move(toSecond second: UInt32, places: Int) {
    let now = second / PlaceMarks.periodSeconds
    guard now > period else { return }
    let places = UInt32(clamping: places)
    switch now - period {
    case 1: starts = (places, starts.0, starts.1)
    case 2: starts = (places, places, starts.0)
    default: starts = (places, places, places)
    }
    period = now
  }

  /// The places at the start of the last period but one, for a name that has these now.
  func oldest(atSecond second: UInt32, places: Int) -> Int {
    var moved = self
    moved.move(toSecond: second, places: places)
    return Int(moved.starts.2)
  }

  /// When that period began; at the start of the process if it began before.
  static func oldestSecond(atSecond second: UInt32, startSecond: UInt32) -> UInt32 {
    let period = second / periodSeconds
    return max(startSecond, (period - min(period, 2)) * periodSeconds)
  }
}
