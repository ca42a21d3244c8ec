import WeirExposition
import WeirMetrics

/// One of the `process_*` metrics that client libraries export for their process.
struct ProcessFamily: Sendable {
  let name: String
  let kind: MetricKind
  let help: String
  /// Its value; nil if the system does not provide it.
  let value: @Sendable (ProcessMetrics) -> Double?

  static let all = [
    ProcessFamily(
      name: "process_cpu_seconds_total", kind: .counter, help: "User and system CPU time spent.",
      value: { $0.cpuSeconds }),
    ProcessFamily(
      name: "process_open_fds", kind: .gauge, help: "Open file descriptors.",
      value: { $0.openFDs }),
    ProcessFamily(
      name: "process_max_fds", kind: .gauge, help: "Maximum number of open file descriptors.",
      value: { $0.maxFDs }),
    ProcessFamily(
      name: "process_virtual_memory_bytes", kind: .gauge, help: "Virtual memory size.",
      value: { $0.virtualMemoryBytes }),
    ProcessFamily(
      name: "process_virtual_memory_max_bytes", kind: .gauge,
      help: "Maximum amount of virtual memory available.", value: { $0.virtualMemoryMaxBytes }),
    ProcessFamily(
      name: "process_resident_memory_bytes", kind: .gauge, help: "Resident memory size.",
      value: { $0.residentMemoryBytes }),
    ProcessFamily(
      name: "process_start_time_seconds", kind: .gauge,
      help: "Start of the process, in seconds since 1970.", value: { $0.startTimeSeconds }),
  ]

  func family(_ process: ProcessMetrics) -> OwnFamily? {
    value(process).map { OwnFamily(name, kind == .counter ? .counter : .gauge, help, $0) }
  }
}
