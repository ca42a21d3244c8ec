/// What a start has made of the state file.
struct StateStart: Sendable, Equatable {
  var series = 0
  var instances = 0
  /// What was not restored, by reason.
  var lost: [(reason: String, count: Int)] = [
    ("changed", 0), ("limit", 0), ("clash", 0), ("instance", 0),
  ]
  /// The limits that are the reason `limit`, by the words of their flags.
  var limitsExceeded: [String] = []
  /// Whether a file was set aside because it was damaged or of a newer version.
  var setAside = 0
  /// Bytes of a torn end, which no scrape had shown.
  var tornBytes = 0
  /// Whether the clock jumped while Weir was not running.
  var clockJumps = 0

  static func == (left: StateStart, right: StateStart) -> Bool {
    left.series == right.series && left.instances == right.instances
      && left.lost.elementsEqual(right.lost, by: ==)
      && left.limitsExceeded == right.limitsExceeded && left.setAside == right.setAside
      && left.tornBytes == right.tornBytes && left.clockJumps == right.clockJumps
  }
}
