import WeirMetrics
import WeirPush

/// The `process_*` metrics of the client's process, with the names of Prometheus' client libraries.
struct ProcessSeries: Sendable {
  private let resident = GaugeCell(merge: .last)
  private let uptime = GaugeCell(merge: .last)
  private let start = GaugeCell(merge: .last)
  private let threads = GaugeCell(merge: .last)
  private let openDescriptors = GaugeCell(merge: .last)
  private let descriptorsMax = GaugeCell(merge: .last)
  private let user = CounterCell(stripes: 1)
  private let system = CounterCell(stripes: 1)

  /// The series. Gauges have the label `instance`, because each process has its own; the CPU times
  /// have it if `perProcessCPU` is set.
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

  /// Updates all series.
  ///
  /// - Parameter cpuReportedBefore: The CPU time that closed clients have reported.
  func update(_ usage: ProcessUsage, cpuReportedBefore: ProcessCPU, at now: Moment) {
    let age = max(0, Double(now.nanoseconds) / 1e9 - usage.startedAfterBootSeconds)
    resident.update(usage.residentMemoryBytes)
    uptime.update(age)
    // Set only once, because a correction of the wall clock would change it.
    if start.value == nil { start.update(Double(now.wallMilliseconds) / 1_000 - age) }
    threads.update(usage.threads)
    if let open = usage.openDescriptors { openDescriptors.update(open) }
    if let most = usage.descriptorsMax { descriptorsMax.update(most) }
    user.raise(to: max(0, usage.cpuUserSeconds - cpuReportedBefore.user))
    system.raise(to: max(0, usage.cpuSystemSeconds - cpuReportedBefore.system))
  }

  /// The CPU time reported by this client.
  var cpuReported: ProcessCPU { ProcessCPU(user: user.total, system: system.total) }
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
