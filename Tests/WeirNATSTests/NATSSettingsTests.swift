import Testing
import WeirCluster

@testable import WeirNATS

@Suite struct NATSSettingsTests {
  @Test("URLs of servers")
  func urls() throws {
    let plain = try NATSServer("nats://nats-1.example")
    #expect(plain.host == "nats-1.example")
    #expect(plain.port == 4222)
    #expect(!plain.isTLS)
    #expect(plain.user == nil && plain.password == nil && plain.token == nil)
    let full = try NATSServer("tls://us%40er:p%3A%2fa:s@h:1234/")
    #expect(full.user == "us@er")
    #expect(full.password == "p:/a:s")
    #expect(full.isTLS)
    #expect(full.shown == "tls://h:1234")
    let token = try NATSServer("nats://s3cret@[::1]:4223")
    #expect(token.token == "s3cret")
    #expect(token.host == "::1")
    #expect(token.shown == "nats://[::1]:4223")
  }

  @Test(
    "wrong URLs, and no password in what is said about them",
    arguments: [
      "", "nats://", "http://user:secret@h", "user:secret@h:4222", "nats://user:secret@",
      "nats://user:secret@h:0", "nats://user:secret@h:65536", "nats://user:secret@h:x",
      "nats://user:secret@::1", "nats://user:secret@[::1]x", "nats://user:secret%4@h",
      "nats://user:secret%zz@h", "nats://:secret@h", "nats://user:@h", "nats://@h",
      "nats://user:secret@h/path", "nats://user:secret@a b", "nats://user:secret%00@h",
    ])
  func wrong(_ url: String) throws {
    do {
      _ = try NATSServer(url)
      Issue.record("\(url) was accepted")
    } catch {
      let text = "\(error)"
      #expect(!text.contains("secret"))
      #expect(text.hasSuffix("."))
    }
  }

  @Test("names of clusters")
  func names() throws {
    for name in ["a", "prod-eu_1", String(repeating: "x", count: 32)] {
      let settings = try NATSSettings(servers: ["nats://h"], name: name)
      #expect(settings.streamName == "weir_\(name)")
    }
    for name in ["", "a.b", "a b", "a*", "é", String(repeating: "x", count: 33)] {
      #expect(throws: LogFailure.self, "\(name)") {
        try NATSSettings(servers: ["nats://h"], name: name)
      }
    }
    #expect(throws: LogFailure.unusable("Name at least one NATS server.")) {
      try NATSSettings(servers: [], name: "a")
    }
  }
}
