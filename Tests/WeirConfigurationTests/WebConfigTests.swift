import Foundation
import Testing

@testable import WeirConfiguration

@Suite("A web configuration file")
struct WebConfigTests {
  private let hash = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"

  private func parse(_ text: String) throws -> WebConfig {
    try WebConfig.parse(Array(text.utf8), file: "web.yml")
  }

  @Test(
    "that is empty turns nothing on",
    arguments: [
      "", "# nothing\n", "---\n", "{}", "tls_server_config:\nbasic_auth_users: {}", "~",
      "tls_server_config:\n  min_version: TLS12\n",
    ])
  func isEmpty(_ text: String) throws {
    var expected = WebConfig(file: "web.yml")
    expected.warnings = [
      "web.yml: it names neither a certificate nor users, so everybody has access, unencrypted; "
        + "add tls_server_config or basic_auth_users"
    ]
    #expect(try parse(text) == expected)
  }

  @Test("with every key is read")
  func isRead() throws {
    let config = try parse(
      """
      tls_server_config:
        cert: "certificate"
        key: |
          key
        client_ca: root
        client_auth_type: RequireAndVerifyClientCert
        client_allowed_sans: [prometheus.test, "spiffe://a/b"]
        min_version: TLS12
        max_version: TLS13
        cipher_suites:
          - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
          - TLS_AES_256_GCM_SHA384
        prefer_server_cipher_suites: false
        curve_preferences: [X25519, CurveP256]
      http_server_config:
        http2: true
        headers:
          X-Frame-Options: deny
          Strict-Transport-Security: max-age=1
      basic_auth_users:
        alice: \(hash)
        "bob": '\(hash)'
      """)
    let tls = try #require(config.tls)
    #expect(tls.certificate.bytes == Array("certificate".utf8))
    #expect(tls.key.bytes == Array("key\n".utf8))
    #expect(tls.key.line == 3)
    #expect(tls.clientAuth == .requireAndVerify)
    #expect(tls.clientAllowedSANs == ["prometheus.test", "spiffe://a/b"])
    #expect(tls.cipherSuites12 == ["ECDHE-RSA-AES256-GCM-SHA384"])
    #expect(tls.cipherSuites13 == ["TLS_AES_256_GCM_SHA384"])
    #expect(!tls.prefersServerCipherSuites)
    #expect(tls.groups == ["X25519", "P-256"])
    #expect(config.users.map(\.name) == ["alice", "bob"])
    #expect(config.users.allSatisfy { $0.hash == hash })
    #expect(config.headers.map(\.name) == ["X-Frame-Options", "Strict-Transport-Security"])
    #expect(config.warnings.isEmpty)
  }

  @Test("requires TLS 1.3 if it names no suite of 1.2")
  func raisesVersion() throws {
    let text = "tls_server_config: {cert: a, key: b, cipher_suites: [TLS_AES_128_GCM_SHA256]}"
    #expect(try parse(text).tls?.minVersion == .tls13)
  }

  @Test("names files relative to its folder, and warns of a key that other users may read")
  func findsFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, mode) in [("server.crt", 0o644), ("server.key", 0o640)] {
      let path = folder.appending(path: name).path
      try Data(name.utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    let file = folder.appending(path: "web.yml").path
    try "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    let config = try WebConfig.load(file)
    #expect(config.tls?.certificate.bytes == Array("server.crt".utf8))
    #expect(config.files == [file, "\(folder.path)/server.crt", "\(folder.path)/server.key"])
    #expect(
      config.warnings == [
        "\(file):3: users other than its owner may read \(folder.path)/server.key; run chmod 600 "
          + "on it"
      ])
  }

  @Test("with passwords and no TLS gives a warning")
  func warnsOfClearPasswords() throws {
    #expect(
      try parse("basic_auth_users:\n  alice: \(hash)").warnings == [
        "web.yml:1: passwords are sent unencrypted without tls_server_config; add a certificate"
      ])
  }
}
