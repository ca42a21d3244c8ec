import Foundation
import Testing

/// The real server on free ports, which it names in its log.
final class Weir {
  let process: ChildProcess
  /// Addresses as the log gives them, in the order of the flags.
  private(set) var udp: [String] = []
  private(set) var web: [String] = []

  /// Starts the server and waits until it says that it is ready.
  ///
  /// Listens on free ports of 127.0.0.1 unless `arguments` name listeners of their own.
  convenience init(_ arguments: String...) throws {
    try self.init(arguments)
  }

  static func start(_ arguments: [String]) throws -> Weir { try Weir(arguments) }

  /// Starts the server by a program that ends with executing what its last arguments name.
  static func start(_ arguments: [String], by starter: [String]) throws -> Weir {
    try Weir(arguments, by: starter)
  }

  private init(_ arguments: [String], by starter: [String] = []) throws {
    var all = arguments
    var listening = ["--statsd.listen-udp", "--web.listen-address"]
    // Else it listens on a port of its own, which only one server at a time can have.
    if arguments.contains("--compat=statsd_exporter") { listening.append("--statsd.listen-tcp") }
    for flag in listening where !arguments.contains(where: { $0.hasPrefix(flag) }) {
      all.append("\(flag)=127.0.0.1:0")
    }
    let words = starter + [try Programs.weir()] + all
    let process = try ChildProcess(words[0], Array(words.dropFirst()))
    self.process = process
    _ = try eventually("A ready server") {
      if let ending = process.poll() {
        throw HarnessError("The server ended at once, \(ending): \(process.standardError)")
      }
      return LogLine.parse(process.standardError).first { $0["msg"] == "ready" }
    }
    let lines = log
    udp = lines.filter { $0["msg"] == "listening for StatsD" }.compactMap { $0["address"] }
    web = lines.filter { $0["msg"] == "serving" }.compactMap { $0["address"] }
  }

  var log: [LogLine] { LogLine.parse(process.standardError) }

  /// A sender of its own source port.
  func sender() throws -> TestSocket {
    guard let address = udp.first else { throw HarnessError("The server listens on no UDP.") }
    return try .connect(.udp, address)
  }

  /// Sends each text as one datagram.
  func send(_ datagrams: String...) throws {
    let socket = try sender()
    for datagram in datagrams { try socket.send(datagram) }
  }

  /// Reads the page strictly, and has promtool read it too.
  func scrape(path: String = "/metrics", at address: String? = nil) throws -> Page {
    let answer = try http(try address ?? webAddress(), path)
    guard answer.status == 200 else {
      throw HarnessError("\(path) answered \(answer.status): \(answer.text)")
    }
    try lint(answer.body)
    return try Page(answer.text)
  }

  /// Scrapes until `condition` holds, and gives the page on which it did.
  func scrape(
    until what: String, within seconds: Double = 15, _ condition: (Page) -> Bool
  ) throws -> Page {
    try eventually(what, within: seconds) {
      let page = try scrape()
      return condition(page) ? page : nil
    }
  }

  /// Scrapes once so many datagrams have been received.
  func scrape(afterDatagrams count: Double) throws -> Page {
    try scrape(until: "The reception of \(count) datagrams") {
      $0.sum("weir_datagrams_received_total") >= count
    }
  }

  /// Sends the signal and gives the way in which the server ended.
  func stop(_ signal: Int32 = SIGTERM) throws -> ChildProcess.Ending {
    process.signal(signal)
    return try process.wait(within: 20)
  }

  func webAddress() throws -> String {
    guard let address = web.first else { throw HarnessError("The server serves no web address.") }
    return address
  }

  private func lint(_ page: [UInt8]) throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "weir-page-\(UUID().uuidString)")
    try Data(page).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try runProgram(
      "/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", try Programs.promtool(), file.path])
    let said = (result.output + result.error).split(separator: "\n")
    let isFine = result.ending == .exit(0) && said.isEmpty
    // 3 is for what is only style.
    let isOnlyTheirs = result.ending == .exit(3) && said == [Weir.exporterStyle]
    guard isFine || isOnlyTheirs else {
      throw HarnessError("promtool, \(result.ending): \(result.output)\(result.error)")
    }
  }

  /// What promtool says of a gauge that statsd_exporter itself calls so.
  private static let exporterStyle: Substring =
    "statsd_exporter_metrics_total non-counter metrics should not have \"_total\" suffix"
}

/// One line of the log, `key=value` or `key="quoted value"`, or a JSON object.
struct LogLine {
  let fields: [String: String]

  subscript(key: String) -> String? { fields[key] }

  static func parse(_ log: String) -> [LogLine] {
    // A last line without its end is still being written.
    guard let end = log.lastIndex(of: "\n") else { return [] }
    return log[..<end].split(separator: "\n").map { line in
      LogLine(fields: line.hasPrefix("{") ? json(line) : logfmt(line))
    }
  }

  private static func logfmt(_ line: Substring) -> [String: String] {
    var fields: [String: String] = [:]
    for match in line.matches(of: #/([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^ ]*))/#) {
      fields[String(match.1)] = String(match.2 ?? match.3 ?? "")
    }
    return fields
  }

  private static func json(_ line: Substring) -> [String: String] {
    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
    return (object as? [String: Any])?.mapValues { "\($0)" } ?? [:]
  }
}
