import Foundation
import TestSupport
import Testing
import WeirCluster

@testable import WeirNATS

/// A real `nats-server` with JetStream on loopback, ended by its process id at the end of a test.
final class NATSServerProcess: @unchecked Sendable {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "There is no nats-server on the PATH; run scripts/test, which installs it."
  }

  let port: UInt16
  let folder: Folder
  private var process: Process?

  /// - Parameters:
  ///   - configuration: Lines of the configuration file beside the address and JetStream.
  ///   - jetStream: What follows the folder in the section of JetStream.
  ///   - port: Nil for one that the kernel chooses.
  init(_ configuration: String = "", jetStream: String = "", port: UInt16? = nil) throws {
    folder = try Folder()
    self.port = try port ?? NATSServerProcess.freePort()
    write(configuration, jetStream: jetStream)
    try start()
  }

  /// Replaces the configuration, for the next start.
  func write(_ configuration: String, jetStream: String = "") {
    folder.write(
      "nats.conf",
      Array(
        """
        listen: "127.0.0.1:\(port)"
        jetstream { store_dir: "\(folder.path)/store", \(jetStream) }
        \(configuration)

        """.utf8))
  }

  var url: String { "nats://127.0.0.1:\(port)" }

  func start() throws {
    guard let program = NATSServerProcess.program else { throw Missing() }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = ["--config", "\(folder.path)/nats.conf"]
    let log = "\(folder.path)/log"
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    let handle = try FileHandle(forWritingTo: URL(filePath: log))
    try handle.seekToEnd()
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
    try waitUntil("nats-server greets: \(self.log)") {
      process.isRunning
        && (try? NATSLink.greeting(host: "127.0.0.1", port: port, milliseconds: 500).get()) != nil
    }
  }

  var log: String { String(decoding: folder.bytes("log") ?? [], as: UTF8.self) }

  func signal(_ signal: Int32) {
    if let process, process.isRunning { kill(process.processIdentifier, signal) }
  }

  /// Ends it at once, as a crash.
  func end() {
    guard let process else { return }
    // A process that is stopped ends, too.
    signal(SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }

  deinit { end() }

  private static let program: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/nats-server" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// A port that was free a moment ago.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    return UInt16(bigEndian: address.sin_port)
  }
}

/// Waits until something is so; fails after a minute, which a loaded machine does not need.
func waitUntil(_ what: String, seconds: Int = 60, _ isSo: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !isSo() {
    guard ContinuousClock.now < end else {
      Issue.record("not within \(seconds) s: \(what)")
      throw CancellationError()
    }
    usleep(10_000)
  }
}

/// A cluster's name that no other test uses.
func clusterName() -> String { "t" + NATSInbox.unique().prefix(8) }

extension NATSServerProcess {
  func settings(name: String = clusterName(), url: String? = nil) throws -> NATSSettings {
    try NATSSettings(servers: [url ?? self.url], name: name)
  }

  func open(
    _ settings: NATSSettings, metadata: [String: String] = [:]
  ) throws -> NATSSetup {
    try NATSSetup(settings, metadata: metadata, milliseconds: 60_000)
  }

  /// A request to JetStream beside the log and the store.
  func ask(_ request: String, _ json: String = "{}") throws -> String {
    let connection = try NATSConnection(try settings())
    defer { connection.close() }
    try connection.waitUntilConnected(milliseconds: 60_000)
    let answer = try connection.currentLink().request(
      "$JS.API.\(request)", Array(json.utf8), milliseconds: 60_000)
    return String(decoding: answer.payload, as: UTF8.self)
  }
}

extension OrderedLog {
  /// The next `count` messages after a sequence.
  func all(_ count: Int, after sequence: UInt64 = 0, seconds: Int = 60) throws -> [LogMessage] {
    var messages: [LogMessage] = []
    try waitUntil("\(count) messages after \(sequence)", seconds: seconds) {
      let last = messages.last?.sequence ?? sequence
      messages += try read(after: last, milliseconds: 500)
      return messages.count >= count
    }
    return messages
  }

  /// Outcomes of so many posts, by number.
  func allOutcomes(_ count: Int) throws -> [UInt64: PostOutcome.Result] {
    var outcomes: [UInt64: PostOutcome.Result] = [:]
    try waitUntil("\(count) outcomes") {
      for outcome in self.outcomes(milliseconds: 500) { outcomes[outcome.number] = outcome.result }
      return outcomes.count >= count
    }
    return outcomes
  }

  /// Posts a payload until it is stored.
  func store(_ payload: [UInt8], as number: UInt64) throws -> UInt64 {
    var stored: UInt64?
    try waitUntil("message \(number) is stored") {
      do throws(LogFailure) {
        try post(payload, as: number)
      } catch {
        usleep(50_000)
        return false
      }
      let before = connection.reconnects
      for _ in 0..<20 where stored == nil && connection.isConnected {
        for outcome in outcomes(milliseconds: 500) where outcome.number == number {
          if case .stored(let sequence) = outcome.result { stored = sequence }
        }
        // What was on its way has no outcome.
        if connection.reconnects != before { break }
      }
      return stored != nil
    }
    return try #require(stored)
  }
}

/// What opening fails with.
func failure(opening settings: NATSSettings, milliseconds: Int = 60_000) -> LogFailure? {
  do throws(LogFailure) {
    try NATSSetup(settings, metadata: [:], milliseconds: milliseconds).log.close()
    return nil
  } catch {
    return error
  }
}
