/// How many places a name had 10 to 15 minutes ago. Takes 16 bytes.
///
/// Time is divided into periods of five minutes. A mark is the number of places at the start of a period.
///
///     period      p - 2        p - 1        p
///                 |            |            |        now
///     starts      [2]          [1]          [0]
///
/// The oldest mark is 10 to 15 minutes old. A name that was released starts again with 0.
struct PlaceMarks {
  static let periodSeconds: UInt32 = 300

  private var period: UInt32 = 0
  private var starts: (UInt32, UInt32, UInt32) = (0, 0, 0)

  /// The marks of a name without places.
  init() {}

  /// The marks of a name that has always had these places.
  init(second: UInt32, places: Int) {
    period = second / PlaceMarks.periodSeconds
    let places = UInt32(clamping: places)
    starts = (places, places, places)
  }

  /// Moves to the period that contains a second. The places must not have changed since the last call.
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

  /// The number of places at the start of the period before the last one.
  ///
  /// - Parameter places: The number of places now.
  func oldest(atSecond second: UInt32, places: Int) -> Int {
    var moved = self
    moved.move(toSecond: second, places: places)
    return Int(moved.starts.2)
  }

  /// The second at which the period of `oldest` began, or the start of the process if that is later.
  static func oldestSecond(atSecond second: UInt32, startSecond: UInt32) -> UInt32 {
    let period = second / periodSeconds
    return max(startSecond, (period - min(period, 2)) * periodSeconds)
  }
}
