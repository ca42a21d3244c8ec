import Foundation

/// A server with the API of Weir, for tests of commands that ask.
final class ApiServer {
  let process: ChildProcess
  let port: Int
  let url: String

  /// - Parameter prefix: The path before `/api`. With `/bad` a finding says that data is lost.
  init(port: Int = 0, prefix: String = "") throws {
    let process = try ChildProcess(
      try Programs.anyPython(), [try Programs.client("api_server.py"), "\(port)", prefix])
    self.process = process
    let first = try eventually("The server", within: 60) { () -> Int? in
      if let ending = process.poll() {
        throw HarnessError("It ended at once, \(ending): \(process.standardError)")
      }
      return process.standardOutput.split(separator: "\n").first.flatMap { Int($0) }
    }
    self.port = first
    url = "http://127.0.0.1:\(first)\(prefix)"
  }

  func stop() throws {
    process.signal(SIGKILL)
    _ = try process.wait()
  }
}

/// A terminal of tmux, in which a shell runs.
final class Tmux {
  private let socket = "weir-test-\(UUID().uuidString)"

  /// - Parameter environment: Variables of the shell.
  init(columns: Int = 100, rows: Int = 30, _ environment: [String] = ["LC_ALL=C.UTF-8"]) throws {
    try run(
      ["-f", "/dev/null", "-u", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "env"]
        + environment + ["PS1=$ ", "/bin/bash", "--norc", "--noprofile"])
  }

  deinit { _ = try? run(["kill-server"]) }

  @discardableResult
  private func run(_ words: [String]) throws -> String {
    try runProgram(Programs.tmux(), ["-L", socket] + words).output
  }

  func type(_ text: String) throws { try run(["send-keys", "-l", text]) }
  func press(_ key: String) throws { try run(["send-keys", key]) }
  func resize(columns: Int, rows: Int) throws {
    try run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// What is on the screen.
  func screen() throws -> String { try run(["capture-pane", "-p"]) }

  func wait(for text: String) throws {
    _ = try eventually("\(text) on the screen", within: 60) {
      try screen().contains(text) ? () : nil
    }
  }
}

extension Programs {
  static func tmux() throws -> String {
    for path in ["/usr/bin/tmux", "/usr/local/bin/tmux"]
    where FileManager.default.isExecutableFile(atPath: path) {
      return path
    }
    throw HarnessError("There is no tmux; run scripts/test, which brings it.")
  }
}
