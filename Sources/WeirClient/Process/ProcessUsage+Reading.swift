// Safety: C calls on files and directories. read(2) writes into an array and gets its size. A `DIR`
// is used only in the function that opens and closes it. gethostname fills a local buffer whose
// last byte stays 0.

import Glibc

extension ProcessUsage {
  /// Larger than `/proc/self/stat` can be.
  private static let statBytesMax = 4_096

  /// The current usage of this process; nil if `/proc` is not available.
  ///
  /// - Complexity: O(open file descriptors).
  static func read() -> ProcessUsage? {
    guard let stat = text(of: "/proc/self/stat") else { return nil }
    var limit = rlimit()
    let hasLimit = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    return ProcessUsage(
      stat: stat, openDescriptors: openDescriptors(),
      descriptorsMax: hasLimit ? Double(limit.rlim_cur) : nil,
      ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
      pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))))
  }

  /// `host:pid`, which is unique at any time.
  static func instanceName() -> String {
    let host = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) {
      buffer -> String in
      unsafe buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, unsafe gethostname(start, buffer.count - 1) == 0 else {
        return "localhost"
      }
      return unsafe String(cString: start)
    }
    return "\(host):\(getpid())"
  }

  private static func text(of path: String) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: statBytesMax)
    // The kernel returns such a file in one read.
    let count = unsafe Glibc.read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  /// The number of entries, minus the descriptor of the directory itself.
  private static func openDescriptors() -> Double? {
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(directory) }
    var count = -1
    while let entry = unsafe readdir(directory) {
      if unsafe entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return Double(max(0, count))
  }
}
