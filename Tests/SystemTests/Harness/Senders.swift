import Foundation

/// Sending processes that start at once, each with a socket of its own.
enum Senders {
  /// Sends each element of `lines` from a process of its own, `times` times over.
  ///
  /// Returns the number of datagrams sent, once every process has ended well.
  static func send(
    _ lines: [[String]], times: Int = 1, datagramsPerSecond: Int = 1_000, to address: String
  ) throws -> Double {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-senders-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let gate = folder.appending(path: "gate")
    let processes = try lines.enumerated().map { index, lines in
      let file = folder.appending(path: "lines-\(index)")
      try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
      return try ChildProcess(
        try Programs.python(),
        [
          try Programs.client("send_lines.py"), address, file.path, "--gate=\(gate.path)",
          "--repeat=\(times)", "--datagrams-per-second=\(datagramsPerSecond)",
        ])
    }
    for process in processes {
      _ = try eventually("A sender at the gate", within: 30) {
        process.standardOutput.hasPrefix("ready\n") ? true : nil
      }
    }
    try Data().write(to: gate)
    return try processes.reduce(0) { sum, process in
      guard try process.wait(within: 60) == .exit(0),
        let sent = process.standardOutput.split(separator: "\n").last.flatMap({ Double($0) })
      else { throw HarnessError("A sender failed: \(process.standardError)") }
      return sum + sent
    }
  }
}

/// What the release build of the load generator says about a run.
struct LoadReport: Decodable {
  let datagramsSent: Int
  let datagramsReceived: Int
  let datagramsDropped: Int
  let linesSent: Int
  let linesReceived: Int
  let correct: Bool

  /// Runs the generator against a server and lets it check the server's account.
  static func run(_ weir: Weir, _ arguments: String...) throws -> LoadReport {
    guard let udp = weir.udp.first else { throw HarnessError("The server listens on no UDP.") }
    let result = try runProgram(
      try Programs.load(),
      ["--address=\(udp)", "--check=http://\(try weir.webAddress())/metrics", "--json"] + arguments)
    guard result.ending == .exit(0) else { throw HarnessError("Load: \(result.error)") }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(LoadReport.self, from: Data(result.output.utf8))
  }
}
