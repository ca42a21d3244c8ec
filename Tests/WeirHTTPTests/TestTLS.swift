import Foundation
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// TLS with the openssl program as the client.
enum TestTLS {
  /// The arguments for a new key on an elliptic curve.
  static func ec(_ curve: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)"]
  }

  /// A context with a new self-signed certificate.
  static func context(
    key kind: [String] = ec("P-256"), _ change: (inout TLSSettings) -> Void = { _ in }
  ) throws -> TLSContext {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (key, certificate) = (folder.appending(path: "key"), folder.appending(path: "crt"))
    _ = try openssl(
      ["req", "-x509"] + kind
        + [
          "-nodes", "-days", "2", "-subj", "/CN=weir.test", "-keyout", key.path, "-out",
          certificate.path,
        ])
    var settings = TLSSettings(
      certificate: Array(try Data(contentsOf: certificate)), key: Array(try Data(contentsOf: key)))
    change(&settings)
    return try TLSContext(settings)
  }

  /// Security settings with this context and no users.
  static func security(_ context: TLSContext) -> HTTPSecurity {
    var settings = HTTPSecurity.Settings()
    settings.tls = context
    let security = HTTPSecurity()
    security.use(settings)
    return security
  }

  /// Runs the openssl program; returns its standard output, `withErrors` also its standard error.
  static func openssl(
    _ arguments: [String], input: String = "", withErrors: Bool = false
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let (toProgram, fromProgram) = (Pipe(), Pipe())
    process.standardInput = toProgram
    process.standardOutput = fromProgram
    if withErrors {
      process.standardError = fromProgram
    } else {
      process.standardError = FileHandle.nullDevice
    }
    try process.run()
    try? toProgram.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try toProgram.fileHandleForWriting.close()
    let data = try fromProgram.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// Sends requests, the last of which closes the connection, and returns the server's output.
  static func request(
    _ port: UInt16, _ requests: String, _ flags: [String] = [], withErrors: Bool = false
  ) throws -> String {
    try openssl(
      ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof", "-quiet"] + flags, input: requests,
      withErrors: withErrors)
  }

  static let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
}
