import Foundation
import TestSupport
import Testing
import WeirCluster

@testable import WeirNATS

/// Who is let in, and which server is trusted.
@Suite(.serialized) struct NATSSecurityTests {
  @Test("users and passwords, and what a user may not do")
  func users() throws {
    let server = try NATSServerProcess(
      """
      authorization {
        users = [
          { user: "weir", password: "right p@ss" }
          { user: "reader", password: "r",
            permissions: { publish: "$JS.API.STREAM.>", subscribe: "_INBOX.>" } }
        ]
      }
      """)
    func settings(_ user: String) throws -> NATSSettings {
      try NATSSettings(servers: ["nats://\(user)@127.0.0.1:\(server.port)"], name: "a")
    }
    for user in ["weir:wrong", "other:right%20p%40ss", "token"] {
      guard case .unusable(let text)? = failure(opening: try settings(user)) else {
        Issue.record("\(user) was let in")
        continue
      }
      #expect(
        text.hasPrefix(
          "The NATS server \(server.url) refuses the user, the password, the token or the"
            + " credentials ("), "\(text)")
      #expect(!text.contains("wrong") && !text.contains("p@ss"))
    }
    let setup = try server.open(settings("weir:right%20p%40ss"))
    defer { setup.log.close() }
    #expect(try setup.log.store([1], as: 1) == 1)
    // One who may not read.
    let reader = try server.open(settings("reader:r"))
    defer { reader.log.close() }
    guard case .refused(let text)? = try LogConformanceTests.failure(of: reader.log, after: 0)
    else {
      Issue.record("the reader reads")
      return
    }
    #expect(text.contains("does not let this user do that"), "\(text)")
    #expect(reader.log.connection.fault == nil)
    // It may not post either. No outcome comes, and the connection says why.
    try reader.log.post([1], as: 1)
    try waitUntil("the connection says so") {
      reader.log.connection.fault?.contains("weir.a.log") == true
    }
    #expect(reader.log.connection.isConnected)
    #expect(reader.log.outcomes(milliseconds: 50).isEmpty)
  }

  @Test("a credentials file")
  func credentials() throws {
    let server = try NATSServerProcess(NATSAccounts.configuration)
    let folder = try Folder()
    folder.write("weir.creds", Array(NATSAccounts.credentials.utf8))
    folder.write(
      "wrong.creds", Array(NATSAccounts.credentials.replacing("SUA", with: "SUB").utf8))
    var settings = try server.settings()
    settings.credentialsFile = "\(folder.path)/weir.creds"
    let setup = try server.open(settings)
    defer { setup.log.close() }
    #expect(try setup.log.store([1], as: 1) == 1)
    #expect(try setup.log.all(1).map(\.payload) == [[1]])
    settings.credentialsFile = "\(folder.path)/wrong.creds"
    #expect(
      failure(opening: settings)
        == .unusable(
          "The credentials file \(folder.path)/wrong.creds can't be used (invalid checksum)."))
    settings.credentialsFile = nil
    guard case .unusable? = failure(opening: settings) else {
      Issue.record("somebody unknown was let in")
      return
    }
  }

  @Test("TLS with a CA of one's own and a client's certificate")
  func tls() throws {
    let certificates = try NATSCertificates()
    let server = try NATSServerProcess(
      """
      tls {
        cert_file: "\(certificates.path("server.crt"))"
        key_file: "\(certificates.path("server.key"))"
        ca_file: "\(certificates.path("ca.crt"))"
        verify: true
      }
      """)
    func settings(_ url: String) throws -> NATSSettings {
      var settings = try NATSSettings(servers: ["\(url):\(server.port)"], name: "a")
      settings.caFile = certificates.path("ca.crt")
      settings.certificateFile = certificates.path("client.crt")
      settings.keyFile = certificates.path("client.key")
      return settings
    }
    for host in ["127.0.0.1", "localhost"] {
      let setup = try server.open(settings("tls://\(host)"))
      defer { setup.log.close() }
      _ = try setup.log.store([1], as: 1)
      #expect(!(try setup.log.all(1).isEmpty))
    }
    #expect(
      failure(opening: try settings("nats://127.0.0.1"))
        == .unusable(
          "The NATS server \(server.url) requires TLS; write tls:// in place of nats:// in its"
            + " URL."))
    // Another CA, another name, and no certificate of the client's own.
    var wrong = try settings("tls://127.0.0.1")
    wrong.caFile = certificates.path("other.crt")
    expectNoTLS(wrong)
    let elsewhere = try NATSServerProcess(
      """
      tls {
        cert_file: "\(certificates.path("elsewhere.crt"))"
        key_file: "\(certificates.path("elsewhere.key"))"
      }
      """)
    wrong = try elsewhere.settings(url: "tls://127.0.0.1:\(elsewhere.port)")
    wrong.caFile = certificates.path("ca.crt")
    expectNoTLS(wrong)
    wrong = try settings("tls://127.0.0.1")
    wrong.certificateFile = nil
    wrong.keyFile = nil
    #expect(
      failure(opening: wrong)
        == .unusable(
          "The NATS server tls://127.0.0.1:\(server.port) asks for a client's certificate; name"
            + " one, and its key."))
    wrong.caFile = "/nowhere/ca.crt"
    #expect(
      failure(opening: wrong)
        == .unusable(
          "--cluster.tls-ca-file: the file /nowhere/ca.crt can't be read: No such file or directory."
        ))
    let plain = try NATSServerProcess()
    let url = "tls://127.0.0.1:\(plain.port)"
    #expect(
      failure(opening: try plain.settings(url: url))
        == .unusable(
          "The NATS server \(url) has no TLS; set it up there, or write nats:// in its URL."))
  }

  private func expectNoTLS(_ settings: NATSSettings) {
    guard case .unusable(let text)? = failure(opening: settings) else {
      Issue.record("\(settings.servers[0].shown) was trusted")
      return
    }
    #expect(
      text.hasPrefix(
        "There is no TLS connection to the NATS server \(settings.servers[0].shown) ("), "\(text)")
  }
}
