/// What some series take of the limits on number.
struct FamilyRoom {
  var series = 0
  var names = 0
  var sets = 0
  var exposedBytes = 0

  static func + (left: FamilyRoom, right: FamilyRoom) -> FamilyRoom {
    FamilyRoom(
      series: left.series + right.series, names: left.names + right.names,
      sets: left.sets + right.sets, exposedBytes: left.exposedBytes + right.exposedBytes)
  }

  static func += (left: inout FamilyRoom, right: FamilyRoom) { left = left + right }

  static func -= (left: inout FamilyRoom, right: FamilyRoom) {
    left.series -= right.series
    left.names -= right.names
    left.sets -= right.sets
    left.exposedBytes -= right.exposedBytes
  }
}
