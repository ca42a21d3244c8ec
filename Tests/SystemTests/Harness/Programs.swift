import Foundation

/// A program or an answer that the suite cannot do without, as a sentence.
struct HarnessError: Error, CustomStringConvertible {
  let description: String

  init(_ sentence: String) {
    description = sentence
  }
}

/// Where the programs are that the tests run. One that is missing fails the test that needs it.
enum Programs {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The release build of the server.
  static func weir() throws -> String { try built("weir", override: "WEIR_BINARY") }

  /// The release build of the load generator.
  static func load() throws -> String { try built("Load", override: "WEIR_LOAD") }

  /// The release build of the process that records.
  static func recordingClient() throws -> String {
    try built("RecordingClient", override: "WEIR_RECORDING_CLIENT")
  }

  /// The release build of a program that pushes by the library.
  static func pushingClient() throws -> String {
    try built("PushingClient", override: "WEIR_PUSHING_CLIENT")
  }

  /// The interpreter that has the StatsD clients.
  static func python() throws -> String {
    try require(root.appending(path: ".build-venv/bin/python").path)
  }

  /// An interpreter without anything else.
  static func anyPython() throws -> String { try tool("python3") }

  static func prometheus() throws -> String { try tool("prometheus") }
  static func promtool() throws -> String { try tool("promtool") }
  static func openssl() throws -> String { try tool("openssl") }
  static func node() throws -> String { try tool("node") }
  static func compiler() throws -> String { try tool("cc") }
  static func unshare() throws -> String { try tool("unshare") }
  static func curl() throws -> String { try tool("curl") }
  static func tcpdump() throws -> String { try tool("tcpdump") }
  static func setpriv() throws -> String { try tool("setpriv") }
  static func netcat() throws -> String { try tool("nc") }
  static func socketActivate() throws -> String { try tool("systemd-socket-activate") }

  /// A script of this suite.
  static func client(_ name: String) throws -> String {
    try require(root.appending(path: "Tests/SystemTests/Clients/\(name)").path)
  }

  /// A program of docs/examples.
  static func example(_ name: String) throws -> String {
    try require(root.appending(path: "docs/examples/\(name)").path)
  }

  /// What starts a program in a mount namespace of its own, once `setup`, lines for the shell, is done
  /// there.
  static func namespace(_ setup: String) throws -> [String] {
    [
      try unshare(), geteuid() == 0 ? "-m" : "-rm", "/bin/sh", "-c",
      "set -e\n\(setup)\nexec \"$@\"", "sh",
    ]
  }

  private static func built(_ name: String, override: String) throws -> String {
    if let path = ProcessInfo.processInfo.environment[override] { return try require(path) }
    return try require(root.appending(path: ".build/release/\(name)").path)
  }

  private static func tool(_ name: String) throws -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders =
      path.split(separator: ":").map(String.init)
      + [root.appending(path: ".build-tools/usr/bin").path]
    for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
      return "\(folder)/\(name)"
    }
    throw HarnessError("There is no \(name) on the PATH; run scripts/test, which brings it.")
  }

  private static func require(_ path: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      throw HarnessError("There is no \(path); run scripts/test, which makes it.")
    }
    return path
  }
}

/// Looks until `condition` gives a value; throws after `seconds` without one.
func eventually<Value>(
  _ what: String, within seconds: Double = 15, _ condition: () throws -> Value?
) throws -> Value {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if let value = try condition() { return value }
    guard ContinuousClock.now < end else {
      throw HarnessError("\(what) did not come about within \(seconds) s.")
    }
    usleep(10_000)
  }
}
