/// What `/proc` tells of this process.
///
/// Source: proc(5).
struct ProcessUsage: Equatable, Sendable {
  var residentMemoryBytes: Double
  var cpuUserSeconds: Double
  var cpuSystemSeconds: Double
  var threads: Double
  /// When it started, in seconds since the machine did.
  var startedAfterBootSeconds: Double
  var openDescriptors: Double?
  var descriptorsMax: Double?

  /// - Parameters:
  ///   - stat: The text of `/proc/self/stat`; nil comes of one that lacks the fields of proc(5).
  init?(
    stat: String, openDescriptors: Double?, descriptorsMax: Double?, ticksPerSecond: Double,
    pageBytes: Double
  ) {
    // The second field is the program's name in parentheses, which may hold anything. The fields
    // behind it are counted from the third.
    guard let nameEnd = stat.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat[stat.utf8.index(after: nameEnd)...].split(separator: " ")
    guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
      let threads = Double(fields[17]), let start = Double(fields[19]),
      let pages = Double(fields[21])
    else { return nil }
    residentMemoryBytes = pages * pageBytes
    cpuUserSeconds = user / ticksPerSecond
    cpuSystemSeconds = system / ticksPerSecond
    self.threads = threads
    startedAfterBootSeconds = start / ticksPerSecond
    self.openDescriptors = openDescriptors
    self.descriptorsMax = descriptorsMax
  }
}
