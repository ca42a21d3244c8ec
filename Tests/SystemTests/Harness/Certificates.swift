import Foundation

/// Keys and certificates in a folder of a test's own, made by the openssl program.
final class Certificates {
  let folder: URL

  /// An authority `ca`, another `other`, the server's `server` and the clients' `client`
  /// (prometheus.test, spiffe://weir.test/scraper), `reader` (reader.test), `bare`, which has no names,
  /// and `stranger`, which `other` has signed.
  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-certificates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for authority in ["ca", "other"] {
      try openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=Weir test \(authority)", "-keyout", path("\(authority).key"), "-out",
        path("\(authority).crt"))
    }
    try make("server", names: "DNS:weir.test,IP:127.0.0.1")
    try make("client", names: "DNS:prometheus.test,URI:spiffe://weir.test/scraper")
    try make("reader", names: "DNS:reader.test")
    try make("bare", names: nil)
    try make("stranger", names: "DNS:prometheus.test", signedBy: "other")
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Makes `name.key` and `name.crt`, in place of those that are there; without alternative names where
  /// `names` is nil.
  func make(
    _ name: String, names: String?, signedBy authority: String = "ca", days: Int = 2,
    key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
  ) throws {
    try openssl(
      ["req"] + key + [
        "-nodes", "-subj", "/CN=\(name)", "-keyout", path("new.key"), "-out", path("new.csr"),
      ])
    let extensions = folder.appending(path: "new.ext")
    let line = names.map { "subjectAltName=\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
    try line.write(to: extensions, atomically: true, encoding: .utf8)
    try openssl(
      "x509", "-req", "-in", path("new.csr"), "-CA", path("\(authority).crt"), "-CAkey",
      path("\(authority).key"), "-CAcreateserial", "-days", "\(days)", "-extfile", extensions.path,
      "-out", path("new.crt"))
    for kind in ["key", "crt"] {
      guard rename(path("new.\(kind)"), path("\(name).\(kind)")) == 0 else {
        throw HarnessError("The certificate \(name) cannot be put in its place.")
      }
    }
  }

  /// Writes `web.yml` in one step, and gives its path.
  @discardableResult
  func configure(_ text: String) throws -> String {
    try text.write(toFile: path("web.yml"), atomically: true, encoding: .utf8)
    return path("web.yml")
  }

  /// `web.yml` with the server's certificate, the given lines below it, and more after it.
  @discardableResult
  func configureTLS(_ lines: [String] = [], and more: String = "") throws -> String {
    let own = ["cert_file: server.crt", "key_file: server.key"]
    let section = (own + lines).map { "  \($0)\n" }.joined()
    return try configure("tls_server_config:\n\(section)\(more)")
  }

  /// When a certificate ends, in seconds since 1970, as openssl reads it.
  func end(of name: String) throws -> Double {
    let text = try openssl([
      "x509", "-in", path("\(name).crt"), "-noout", "-enddate", "-dateopt", "iso_8601",
    ])
    let stamp = text.trimmingCharacters(in: .whitespacesAndNewlines)
      .replacing("notAfter=", with: "").replacing(" ", with: "T")
    guard let date = ISO8601DateFormatter().date(from: stamp) else {
      throw HarnessError("\(stamp) is no date.")
    }
    return date.timeIntervalSince1970
  }

  private func openssl(_ arguments: String...) throws { _ = try openssl(arguments) }

  @discardableResult
  private func openssl(_ arguments: [String]) throws -> String {
    let result = try runProgram(try Programs.openssl(), arguments)
    guard result.ending == .exit(0) else { throw HarnessError("openssl: \(result.error)") }
    return result.output
  }
}

/// One request through curl.
struct CurlAnswer {
  /// 0 where there was no answer.
  let status: Int
  let text: String
  let error: String

  init(_ url: String, _ arguments: [String] = []) throws {
    let result = try runProgram(
      try Programs.curl(),
      ["-sS", "--path-as-is", "--max-time", "20", "-w", "\n%{http_code}"] + arguments + [url])
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    status = lines.last.flatMap { Int($0) } ?? 0
    text = lines.dropLast().joined(separator: "\n")
    error = result.error
  }
}

/// What `openssl s_client` made of a request for a page, and what it said about the connection.
func tlsClient(_ address: String, _ arguments: [String], path: String = "/-/healthy") throws
  -> String
{
  let request = "GET \(path) HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n"
  let result = try runProgram(
    "/bin/sh",
    [
      "-c", "request=$1; shift; printf \"$request\" | exec \"$@\"", "sh", request,
      try Programs.openssl(), "s_client", "-connect", address, "-ign_eof",
    ] + arguments, within: 30)
  return result.output + result.error
}
