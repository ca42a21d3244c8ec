import WeirMetrics
import WeirWire

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

  /// The series, with the name of the instance for a label, for there is one of each a process.
  func entries(instance: String) -> [SeriesEntry] {
    let labels = [PushFrameWriter.Label("instance", instance)]
    let gauges = [
      ("process_resident_memory_bytes", resident), ("process_uptime_seconds", uptime),
      ("process_start_time_seconds", start), ("process_threads", threads),
      ("process_open_fds", openDescriptors), ("process_max_fds", descriptorsMax),
    ]
    let counters = [
      ("process_cpu_user_seconds_total", user), ("process_cpu_system_seconds_total", system),
    ]
    return gauges.map { name, cell in
      SeriesEntry(series: .init(name, labels: labels), cell: .gauge(cell))
    }
      + counters.map { name, cell in
        SeriesEntry(series: .init(name, labels: labels), cell: .counter(cell))
      }
  }

  /// Sets all of them to what holds now.
  ///
  /// - Parameters:
  ///   - wallSeconds: Now, in seconds since 1970.
  ///   - bootSeconds: Now, in seconds since the machine started.
  func update(_ usage: ProcessUsage, wallSeconds: Double, bootSeconds: Double) {
    let age = max(0, bootSeconds - usage.startedAfterBootSeconds)
    resident.set(usage.residentMemoryBytes)
    uptime.set(age)
    // Set once, for a wall clock that is put right would move it.
    if start.value == nil { start.set(wallSeconds - age) }
    threads.set(usage.threads)
    if let open = usage.openDescriptors { openDescriptors.set(open) }
    if let most = usage.descriptorsMax { descriptorsMax.set(most) }
    user.raise(to: usage.cpuUserSeconds)
    system.raise(to: usage.cpuSystemSeconds)
  }
}
