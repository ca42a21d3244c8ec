import Foundation
import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// Clients whose certificates an authority has signed, and which names of them are let in.
@Suite(.serialized) struct HTTPClientCertificateTests {
  /// A client's certificate and key in a folder of its own.
  private struct Identity {
    let folder: URL
    func path(_ name: String) -> String { folder.appending(path: name).path }

    var flags: [String] { ["-cert", path("client.crt"), "-key", path("client.key")] }
  }

  /// An authority and a client of it, with these names or none.
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

  /// Whether each version of TLS lets the client in.
  private func areLetIn(
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
      var letIn: [Bool] = []
      for version in ["-tls1_2", "-tls1_3"] {
        let text = try await onThread {
          try TestTLS.request(port, TestTLS.last, own.flags + [version])
        }
        letIn.append(text.hasSuffix("hello\n"))
      }
      let done = UInt64(letIn.count { $0 })
      #expect(server.statistics.handshakesDone == done)
      return letIn
    }
  }

  @Test(
    "a certificate is let in by its alternative names, and by no other",
    arguments: [
      ("DNS:allowed.test", ["allowed.test"], true),
      ("DNS:x.test,DNS:allowed.test", ["allowed.test"], true),
      ("email:a@allowed.test", ["a@allowed.test"], true),
      ("URI:spiffe://a/b", ["spiffe://a/b"], true),
      ("IP:10.0.0.1", ["10.0.0.1"], true), ("DNS:allowed.test", [], true),
      ("DNS:other.test", ["allowed.test"], false), ("DNS:x.allowed.test", ["allowed.test"], false),
      ("IP:10.0.0.2", ["10.0.0.1"], false),
      // The subject is no alternative name.
      (nil, ["allowed.test"], false), (nil, ["allowed.test", "CN=allowed.test", ""], false),
      (nil, [], true),
    ] as [(String?, [String], Bool)])
  func names(names: String?, allowed: [String], letIn: Bool) async throws {
    let own = try identity(names)
    defer { try? FileManager.default.removeItem(at: own.folder) }
    #expect(try await areLetIn(own, allowed: allowed) == [letIn, letIn])
  }

  @Test func `a certificate on another curve needs that curve in the settings, for TLS 1.2`()
    async throws
  {
    let own = try identity("DNS:a", curve: "P-384")
    defer { try? FileManager.default.removeItem(at: own.folder) }
    #expect(try await areLetIn(own, allowed: []) == [false, true])
    #expect(try await areLetIn(own, allowed: [], groups: ["X25519", "P-384"]) == [true, true])
  }
}
