// Safety: getenv(3) returns a terminated string, which is copied before the environment changes. It is called
// while the daemon is made, before other threads read the environment. clock_gettime(2) writes to a local value.

import Glibc
import WeirSockets

/// The service manager that started this process, such as systemd, and wants to know its state (sd_notify(3)).
///
/// Each message is one datagram of lines such as `READY=1` to the Unix socket that `$NOTIFY_SOCKET` names.
struct ServiceManager: Sendable {
  /// How often a message is tried again while the manager's queue is full, and how long each attempt waits.
  static let attemptsMax = 3
  static let attemptMilliseconds: Int32 = 1_000

  /// The path of the socket, or its abstract name after `@`.
  let socket: String
  /// The time after which the manager ends a process that it has not heard from; nil for never.
  let watchdog: Duration?
  private let log: Log

  /// The manager that the environment names; nil for none. The variables are removed, so that programs that
  /// this process starts do not speak for it.
  static func take(log: Log) -> ServiceManager? {
    let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
    let values = names.map { name -> String? in
      guard let value = unsafe getenv(name) else { return nil }
      return unsafe String(cString: value)
    }
    for name in names { _ = unsafe unsetenv(name) }
    return ServiceManager(
      socket: values[0], watchdogMicroseconds: values[1], watchdogPID: values[2], pid: getpid(),
      log: log)
  }

  /// - Parameters: The values of the variables; nil for one that is not set.
  init?(
    socket: String?, watchdogMicroseconds: String?, watchdogPID: String?, pid: Int32, log: Log
  ) {
    guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@"), socket.utf8.count > 1 else {
      return nil
    }
    self.socket = socket
    self.log = log
    // With another process's number, the timeout is for that process.
    let isOurs = watchdogPID.map { Int32($0) == pid } ?? true
    let limit = watchdogMicroseconds.flatMap { Int64($0) } ?? 0
    watchdog = isOurs && limit > 0 ? .microseconds(limit) : nil
  }

  /// Says that the start is complete.
  func ready(served: [SocketAddress]) {
    let addresses = served.map(\.description).joined(separator: ", ")
    send(["READY=1", "STATUS=Receiving; serving on \(addresses)"])
  }

  /// Says that a reload begins. `reloaded` must follow.
  func reloading() {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)", "STATUS=Reloading"])
  }

  /// Says that a reload has ended.
  ///
  /// - Parameter failure: Why it failed, in one line; nil if it did not.
  func reloaded(failure: String?) {
    send([
      "READY=1",
      failure.map { "STATUS=Reload failed, keeping the previous configuration: \($0)" }
        ?? "STATUS=Receiving; reloaded",
    ])
  }

  /// Says that the stop has begun.
  func stopping() { send(["STOPPING=1", "STATUS=Stopping"]) }

  /// Says that the process is alive.
  func alive() { send(["WATCHDOG=1"]) }

  private func send(_ lines: [String]) {
    let text = lines.map { line in
      // A newline would begin a line of its own.
      String(line.map { $0.isNewline ? " " : $0 })
    }.joined(separator: "\n")
    do {
      let sender = try DatagramSender.connect(toUnix: socket)
      for _ in 0..<ServiceManager.attemptsMax {
        if try sender.send(Array(text.utf8)) { return }
        sender.waitWritable(milliseconds: ServiceManager.attemptMilliseconds)
      }
      log.warn("the service manager does not read what it is told", ["socket": .text(socket)])
    } catch {
      log.warn(
        "the service manager cannot be told",
        ["socket": .text(socket), "error": .text("\(error)")])
    }
  }
}
