/// What a start has made of the state file.
struct StateStart: Sendable, Equatable {
  var series = 0
  var instances = 0
  /// What was not restored, by reason.
  var lost: [(reason: String, count: Int)] = []
  /// Whether a file was set aside because it was damaged or of a newer version.
  var setAside = 0
  /// Bytes of a torn end, which no scrape had shown.
  var tornBytes = 0
  /// Whether the clock jumped while Weir was not running.
  var clockJumps = 0

  static func == (left: StateStart, right: StateStart) -> Bool {
    left.series == right.series && left.instances == right.instances
      && left.lost.elementsEqual(right.lost, by: ==) && left.setAside == right.setAside
      && left.tornBytes == right.tornBytes && left.clockJumps == right.clockJumps
  }
}
