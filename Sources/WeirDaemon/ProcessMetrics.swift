// Safety: C's calls on files and directories. read(2) writes into an array, never more bytes than
// it has. A `DIR` is used only in the function that opens and closes it; an entry is read before
// the next call of readdir(3), which may reuse it.

import Glibc

/// What the kernel knows about this process, as the Prometheus client libraries export it.
///
/// A value is nil if `/proc` does not provide it; its metric is then left out. The value of a limit
/// that is `unlimited` is the kernel's 2^64 − 1, which as a double is 2^64, like in the client
/// library for Go.
///
/// Source: proc(5).
package struct ProcessMetrics: Sendable, Equatable {
  /// `process_cpu_seconds_total`: time in user and system mode, of all threads.
  package var cpuSeconds: Double?
  /// `process_open_fds`: open file descriptors, without the one that counts them.
  package var openFDs: Double?
  /// `process_max_fds`: the soft limit of file descriptors.
  package var maxFDs: Double?
  /// `process_virtual_memory_bytes`
  package var virtualMemoryBytes: Double?
  /// `process_virtual_memory_max_bytes`: the soft limit of the address space.
  package var virtualMemoryMaxBytes: Double?
  /// `process_resident_memory_bytes`
  package var residentMemoryBytes: Double?
  /// `process_start_time_seconds`: seconds since 1970.
  package var startTimeSeconds: Double?

  package init() {}

  /// The values in the texts of `/proc`.
  ///
  /// - Parameters:
  ///   - stat: `/proc/self/stat`, nil if it cannot be read.
  ///   - limits: `/proc/self/limits`, nil if it cannot be read.
  ///   - openFDs: The number of entries in `/proc/self/fd`.
  ///   - units: The units of the numbers in `stat`.
  init(stat: String?, limits: String?, openFDs: Int?, units: Units) {
    if let stat = stat.flatMap(Stat.init) {
      cpuSeconds = stat.cpuTicks / units.ticksPerSecond
      virtualMemoryBytes = stat.virtualMemoryBytes
      residentMemoryBytes = stat.residentPages * units.pageBytes
      startTimeSeconds = units.bootTimeSeconds.map { $0 + stat.startTicks / units.ticksPerSecond }
    }
    maxFDs = limits.flatMap { Self.softLimit("Max open files", in: $0) }
    virtualMemoryMaxBytes = limits.flatMap { Self.softLimit("Max address space", in: $0) }
    self.openFDs = openFDs.map { Double($0) }
  }

  /// The units of the numbers in `/proc/self/stat`.
  struct Units: Sendable {
    var ticksPerSecond: Double
    var pageBytes: Double
    /// When the machine started, in seconds since 1970; nil if `/proc/stat` does not provide it.
    var bootTimeSeconds: Double?
  }

  /// The fields of `/proc/self/stat` that are used here.
  private struct Stat {
    let cpuTicks, startTicks, virtualMemoryBytes, residentPages: Double

    /// Nil if the text does not have the fields of proc(5).
    init?(_ text: String) {
      // The second field is the command's name in parentheses, and may hold any character;
      // the fields after it cannot hold a parenthesis. They are counted from the third here.
      guard let nameEnd = text.lastIndex(of: ")") else { return nil }
      let fields = text[nameEnd...].dropFirst().split(whereSeparator: \.isWhitespace)
      guard fields.count > 21,
        let userTicks = Double(fields[11]), let systemTicks = Double(fields[12]),
        let startTicks = Double(fields[19]), let virtualMemoryBytes = Double(fields[20]),
        let residentPages = Double(fields[21])
      else { return nil }
      self.cpuTicks = userTicks + systemTicks
      self.startTicks = startTicks
      self.virtualMemoryBytes = virtualMemoryBytes
      self.residentPages = residentPages
    }
  }

  /// The first number after a limit's name in `/proc/self/limits`.
  private static func softLimit(_ name: String, in text: String) -> Double? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + " ") }),
      let value = line.dropFirst(name.count).split(separator: " ").first
    else { return nil }
    return value == "unlimited" ? Double(UInt64.max) : UInt64(value).map { Double($0) }
  }

  /// The second in which the machine started, from the text of `/proc/stat`.
  static func bootTimeSeconds(in text: String) -> Double? {
    text.split(separator: "\n").first { $0.hasPrefix("btime ") }
      .flatMap { UInt64($0.dropFirst("btime ".count)) }.map { Double($0) }
  }
}

extension ProcessMetrics {
  /// The CPU time alone, which needs no file.
  static func ofClock() -> ProcessMetrics {
    var metrics = ProcessMetrics()
    var time = timespec()
    if unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
      metrics.cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    return metrics
  }

  /// Reads this process' metrics from `/proc`.
  package struct Reader: Sendable {
    /// Much more than the size of the files; `/proc/stat` grows with cores and interrupts.
    private static let fileBytesMax = 1024 * 1024

    private let root: String
    private let units: Units

    /// Reads the boot time once, because it moves with the clock, and the start time of the process
    /// must not.
    package init(root: String = "/proc") {
      self.root = root
      units = Units(
        ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
        pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))),
        bootTimeSeconds: Self.text(of: "\(root)/stat").flatMap(bootTimeSeconds))
    }

    /// The process' metrics now.
    ///
    /// - Complexity: O(open file descriptors).
    package func read() -> ProcessMetrics {
      ProcessMetrics(
        stat: Self.text(of: "\(root)/self/stat"), limits: Self.text(of: "\(root)/self/limits"),
        openFDs: Self.descriptorCount(in: "\(root)/self/fd"), units: units)
    }

    /// A file's text, with invalid UTF-8 replaced; nil if it cannot be read.
    private static func text(of path: String) -> String? {
      let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var text: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 16 * 1024)
      while text.count < fileBytesMax {
        let count = unsafe Glibc.read(file, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { break }
        text += chunk[..<count]
      }
      return String(decoding: text, as: UTF8.self)
    }

    /// The number of entries of a directory, without the descriptor that reads it.
    private static func descriptorCount(in path: String) -> Int? {
      guard let directory = unsafe opendir(path) else { return nil }
      defer { unsafe closedir(directory) }
      var count = 0
      while let entry = unsafe readdir(directory) {
        // The entries `.` and `..` are not descriptors.
        if unsafe entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
      }
      return max(0, count - 1)
    }
  }
}
