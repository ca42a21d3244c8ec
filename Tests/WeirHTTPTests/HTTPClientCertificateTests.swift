import Foundation
import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// Client certificates signed by an authority, and the check of their names.
@Suite(.serialized) struct HTTPClientCertificateTests {
  /// A directory with a client's certificate and key.
  private struct Identity {
    let folder: URL
    func path(_ name: String) -> String { folder.appending(path: name).path }

    var flags: [String] { ["-cert", path("client.crt"), "-key", path("client.key")] }
  }

  /// Makes an authority and a client certificate with these alternative names, or with none.
  private func identity(_ names: String?, curve: String = "P-256") throws -> Identity {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let own = Identity(folder: folder)
    _ = try TestTLS.openssl(
      ["req", "-x509"] + TestTLS.ec("P-256") + [
        "-nodes", "-days", "2", "-subj", "/CN=authority", "-keyout", own.path("ca.key"), "-out",
        own.path("ca.crt"),
      ])
    _ = try TestTLS.openssl(
      ["req"] + TestTLS.ec(curve) + [
        "-nodes", "-subj", "/CN=allowed.test", "-keyout", own.path("client.key"), "-out",
        own.path("client.csr"),
      ])
    let extensions = names.map { "subjectAltName=\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
    try extensions.write(toFile: own.path("ext"), atomically: true, encoding: .utf8)
    _ = try TestTLS.openssl([
      "x509", "-req", "-in", own.path("client.csr"), "-CA", own.path("ca.crt"), "-CAkey",
      own.path("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", own.path("ext"), "-out",
      own.path("client.crt"),
    ])
    return own
  }

  /// Whether the client is accepted, for TLS 1.2 and TLS 1.3.
  private func isAccepted(
    _ own: Identity, allowed: [String], groups: [String] = []
  ) async throws -> [Bool] {
    let authority = Array(try Data(contentsOf: own.folder.appending(path: "ca.crt")))
    let context = try TestTLS.context {
      $0.clientCA = authority
      $0.clientAuth = .requireAndVerify
      $0.clientAllowedSANs = allowed
      $0.groups = groups
    }
    return try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      var accepted: [Bool] = []
      for version in ["-tls1_2", "-tls1_3"] {
        let text = try await onThread {
          try TestTLS.request(port, TestTLS.last, own.flags + [version])
        }
        accepted.append(text.hasSuffix("hello\n"))
      }
      let done = UInt64(accepted.count { $0 })
      #expect(server.statistics.handshakesDone == done)
      return accepted
    }
  }

  @Test(
    "only the subject alternative names of a certificate are compared with the allowed names",
    arguments: [
      ("DNS:allowed.test", ["allowed.test"], true),
      ("DNS:x.test,DNS:allowed.test", ["allowed.test"], true),
      ("email:a@allowed.test", ["a@allowed.test"], true),
      ("URI:spiffe://a/b", ["spiffe://a/b"], true),
      ("IP:10.0.0.1", ["10.0.0.1"], true), ("DNS:allowed.test", [], true),
      ("DNS:other.test", ["allowed.test"], false), ("DNS:x.allowed.test", ["allowed.test"], false),
      ("IP:10.0.0.2", ["10.0.0.1"], false),
      // The subject is not an alternative name.
      (nil, ["allowed.test"], false), (nil, ["allowed.test", "CN=allowed.test", ""], false),
      (nil, [], true),
    ] as [(String?, [String], Bool)])
  func names(names: String?, allowed: [String], isAllowed: Bool) async throws {
    let own = try identity(names)
    defer { try? FileManager.default.removeItem(at: own.folder) }
    #expect(try await isAccepted(own, allowed: allowed) == [isAllowed, isAllowed])
  }

  @Test func `with TLS 1.2, the curve of a client certificate must be one of the groups`()
    async throws
  {
    let own = try identity("DNS:a", curve: "P-384")
    defer { try? FileManager.default.removeItem(at: own.folder) }
    #expect(try await isAccepted(own, allowed: []) == [false, true])
    #expect(try await isAccepted(own, allowed: [], groups: ["X25519", "P-384"]) == [true, true])
  }
}
