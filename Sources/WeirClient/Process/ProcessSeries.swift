import WeirMetrics
import WeirPush

/// The `process_*` metrics of a client's own process, by the names of Prometheus' client libraries.
struct ProcessSeries: Sendable {
  private let resident = GaugeCell(merge: .last)
  private let uptime = GaugeCell(merge: .last)
  private let start = GaugeCell(merge: .last)
  private let threads = GaugeCell(merge: .last)
  private let openDescriptors = GaugeCell(merge: .last)
  private let descriptorsMax = GaugeCell(merge: .last)
  private let user = CounterCell(stripes: 1)
  private let system = CounterCell(stripes: 1)

  /// The series. Gauges have the name of the instance for a label, because there is one of each a
  /// process; the CPU times have it where that was asked for.
  func entries(_ settings: Settings) -> [SeriesEntry] {
    let labels = [PushFrameWriter.Label("instance", settings.instanceName())]
    let gauges = [
      ("process_resident_memory_bytes", resident), ("process_uptime_seconds", uptime),
      ("process_start_time_seconds", start), ("process_threads", threads),
      ("process_open_fds", openDescriptors), ("process_max_fds", descriptorsMax),
    ]
    let counters = [
      ("process_cpu_user_seconds_total", user), ("process_cpu_system_seconds_total", system),
    ]
    let cpuLabels = settings.perProcessCPU ? labels : []
    return gauges.map { name, cell in
      SeriesEntry(series: .init(name, labels: labels), cell: .gauge(cell))
    }
      + counters.map { name, cell in
        SeriesEntry(series: .init(name, labels: cpuLabels), cell: .counter(cell))
      }
  }

  /// Sets all of them to what holds now.
  ///
  /// - Parameter cpuToldBefore: The CPU time that another client has told before.
  func update(_ usage: ProcessUsage, cpuToldBefore: ProcessCPU, at now: Moment) {
    let age = max(0, Double(now.nanoseconds) / 1e9 - usage.startedAfterBootSeconds)
    resident.follow(usage.residentMemoryBytes)
    uptime.follow(age)
    // Set once, for a wall clock that is put right would move it.
    if start.value == nil { start.follow(Double(now.wallMilliseconds) / 1_000 - age) }
    threads.follow(usage.threads)
    if let open = usage.openDescriptors { openDescriptors.follow(open) }
    if let most = usage.descriptorsMax { descriptorsMax.follow(most) }
    user.raise(to: max(0, usage.cpuUserSeconds - cpuToldBefore.user))
    system.raise(to: max(0, usage.cpuSystemSeconds - cpuToldBefore.system))
  }

  /// The CPU time that is told.
  var told: ProcessCPU { ProcessCPU(user: user.total, system: system.total) }
}

/// CPU time of a process, in seconds.
struct ProcessCPU: Equatable, Sendable {
  var user = 0.0
  var system = 0.0

  static func += (left: inout ProcessCPU, right: ProcessCPU) {
    left.user += right.user
    left.system += right.system
  }
}
