/// The resource usage of this process from `/proc` (proc(5)).
struct ProcessUsage: Equatable, Sendable {
  var residentMemoryBytes: Double
  var cpuUserSeconds: Double
  var cpuSystemSeconds: Double
  var threads: Double
  /// The start of the process, in seconds since the start of the machine.
  var startedAfterBootSeconds: Double
  var openDescriptors: Double?
  var descriptorsMax: Double?

  /// - Parameter stat: The text of `/proc/self/stat`. The result is nil if it does not have the
  ///   fields of proc(5).
  init?(
    stat: String, openDescriptors: Double?, descriptorsMax: Double?, ticksPerSecond: Double,
    pageBytes: Double
  ) {
    // The second field is the program's name in parentheses, which may contain any character. The
    // array starts with the third field.
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
