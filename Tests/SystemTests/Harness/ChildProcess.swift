import Foundation
import Synchronization

/// A program that a test started: its output goes to files, its exit status is waited for once.
final class ChildProcess: Sendable {
  /// How a program ended.
  enum Ending: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  let pid: pid_t
  private let folder: URL
  private let ending = Mutex<Ending?>(nil)

  /// Starts `program`, a path, with standard input from nowhere.
  init(_ program: String, _ arguments: [String]) throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, folder.appending(path: "out").path, flags, 0o600)
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, folder.appending(path: "err").path, flags, 0o600)
    // The test runner may block or ignore signals; its children must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var started: pid_t = 0
    let code = posix_spawn(&started, program, &actions, &attributes, &words, environ)
    guard code == 0 else {
      throw HarnessError("Cannot start \(program): \(String(cString: strerror(code))).")
    }
    pid = started
  }

  deinit {
    if poll() == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    try? FileManager.default.removeItem(at: folder)
  }

  var standardOutput: String { text(of: "out") }
  var standardError: String { text(of: "err") }

  func signal(_ number: Int32) {
    kill(pid, number)
  }

  /// How it ended; nil while it runs.
  func poll() -> Ending? {
    ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
      ending = status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f)
      return ending
    }
  }

  func wait(within seconds: Double = 30) throws -> Ending {
    try eventually("The end of process \(pid)", within: seconds) { poll() }
  }

  private func text(of file: String) -> String {
    let data = (try? Data(contentsOf: folder.appending(path: file))) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}

/// Runs a program to its end.
func runProgram(
  _ program: String, _ arguments: [String], within seconds: Double = 60
) throws -> (ending: ChildProcess.Ending, output: String, error: String) {
  let child = try ChildProcess(program, arguments)
  let ending = try child.wait(within: seconds)
  return (ending, child.standardOutput, child.standardError)
}
