import Foundation
import Testing

@testable import WeirDaemon

@Suite("The process metrics")
struct ProcessMetricsTests {
  private let units = ProcessMetrics.Units(
    ticksPerSecond: 100, pageBytes: 4096, bootTimeSeconds: 1_700_000_000)

  /// `/proc/self/stat` of a process with the given name: 12.34 s of user time, 5.66 s of system.
  private static func statText(_ name: String) -> String {
    "42 (\(name)) S 1 42 42 0 -1 4194560 900 0 7 0 1234 566 88 99 20 0 9 0 12345 3133440 393 "
      + "18446744073709551615 1 2 3 0 0 0 0 4096 16384 0 0 0 17 1 0 0 0 0 0 4 5 6 7 8 9 10 0\n"
  }

  private static let limits = """
    Limit                     Soft Limit           Hard Limit           Units     
    Max cpu time              unlimited            unlimited            seconds   
    Max open files            1024                 524288               files     
    Max address space         unlimited            unlimited            bytes     
    Max nice priority         0                    0                    

    """

  @Test(
    "reads /proc/self/stat with any name of the command",
    arguments: ["weir", "my weir", "a) S 1 (b", ")", "((", "", "w\nx", "é\u{FFFD}"])
  func stat(_ name: String) {
    let metrics = ProcessMetrics(stat: Self.statText(name), limits: nil, openFDs: nil, units: units)
    #expect(metrics.cpuSeconds == 18)
    #expect(metrics.virtualMemoryBytes == 3_133_440)
    #expect(metrics.residentMemoryBytes == 1_609_728)
    #expect(metrics.startTimeSeconds == 1_700_000_123.45)
  }

  @Test("leaves out what it cannot read")
  func missing() {
    var unknownBoot = units
    unknownBoot.bootTimeSeconds = nil
    let nothing = ProcessMetrics(stat: nil, limits: nil, openFDs: nil, units: units)
    #expect(nothing == ProcessMetrics())
    let some = ProcessMetrics(
      stat: Self.statText("weir"), limits: "", openFDs: 7, units: unknownBoot)
    #expect(some.startTimeSeconds == nil)
    #expect(some.cpuSeconds == 18)
    #expect(some.openFDs == 7)
    #expect(some.maxFDs == nil)
  }

  @Test(
    "refuses an invalid stat",
    arguments: [
      "", "42 weir S 1", "42 (weir", "42 (weir) S 1 2 3",
      statText("w").replacing("1234", with: "x"),
    ])
  func malformed(_ text: String) {
    let metrics = ProcessMetrics(stat: text, limits: nil, openFDs: nil, units: units)
    #expect(metrics == ProcessMetrics())
  }

  @Test("reads the soft limits, and unlimited as 2^64")
  func softLimits() {
    let metrics = ProcessMetrics(stat: nil, limits: Self.limits, openFDs: nil, units: units)
    #expect(metrics.maxFDs == 1024)
    #expect(metrics.virtualMemoryMaxBytes == 0x1p64)
    let odd = "Max open files\nMax address space  many\n"
    #expect(
      ProcessMetrics(stat: nil, limits: odd, openFDs: nil, units: units) == ProcessMetrics())
  }

  @Test("reads when the machine started")
  func bootTime() {
    #expect(ProcessMetrics.bootTimeSeconds(in: "cpu 1 2\nbtime 1700000000\nx 1\n") == 1.7e9)
    #expect(ProcessMetrics.bootTimeSeconds(in: "cpu 1 2\nbtimes 1\n") == nil)
    #expect(ProcessMetrics.bootTimeSeconds(in: "btime soon\n") == nil)
  }

  @Test("of this process agree with C's functions")
  func live() throws {
    let reader = ProcessMetrics.Reader()
    let metrics = reader.read()

    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let used =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    // Other tests use time between the two looks.
    #expect(try #require(metrics.cpuSeconds) <= used + 0.03)

    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #expect(metrics.maxFDs == Double(limit.rlim_cur))
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #expect(metrics.virtualMemoryMaxBytes == Double(limit.rlim_cur))

    let resident = try #require(metrics.residentMemoryBytes)
    #expect(resident > 1_000_000)
    #expect(try #require(metrics.virtualMemoryBytes) >= resident)
    #expect(try #require(metrics.openFDs) >= 3)

    let start = try #require(metrics.startTimeSeconds)
    let now = Date().timeIntervalSince1970
    #expect(start <= now + 2 && start > now - 86_400)
    #expect(reader.read().startTimeSeconds == start)
  }

  @Test("count descriptors that are opened")
  func descriptors() throws {
    // Other tests open descriptors at the same time, so only a large difference means something.
    let reader = ProcessMetrics.Reader()
    let before = try #require(reader.read().openFDs)
    let opened = (0..<200).map { _ in open("/dev/null", O_RDONLY) }
    defer { for descriptor in opened { close(descriptor) } }
    #expect(abs(try #require(reader.read().openFDs) - before - 200) < 100)
  }

  @Test("are all absent without /proc")
  func noProc() {
    #expect(ProcessMetrics.Reader(root: "/nonexistent").read() == ProcessMetrics())
  }
}
