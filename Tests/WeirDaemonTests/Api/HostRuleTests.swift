import Testing
import WeirHTTP
import WeirSockets

@testable import WeirDaemon

@Suite("The host of a request for the page")
struct HostRuleTests {
  private func rule(
    _ addresses: [SocketAddress] = [.loopback(port: 9_102)], names: [String] = [],
    hasUsers: Bool = false
  ) -> HostRule {
    let rule = HostRule(names: names, hasUsers: { hasUsers })
    rule.use(addresses)
    return rule
  }

  private func status(_ rule: HostRule, _ host: String?) -> Int? {
    var request = HTTPRequest(path: "/")
    if let host { request.headers.add("Host", host) }
    return rule.refusal(of: request)?.status
  }

  @Test(
    "may be this machine",
    arguments: [
      "localhost", "localhost:9102", "LOCALHOST:1", "127.0.0.1:9102", "127.1.2.3", "[::1]:9102",
      "[::1]",
      "weir.localhost:80", "[::ffff:127.0.0.1]:9102", "[::FFFF:7f00:1]",
    ])
  func local(host: String) { #expect(status(rule(), host) == nil) }

  @Test(
    "may not be another name, however it is written",
    arguments: [
      "evil.example", "evil.example:9102", "127.0.0.1.evil.example", "localhost.evil.example",
      "127.0.0.1x",
      "127.0.0", "127.0.0.1.2", "127.0.0.256", "10.0.0.1", "[::2]:80", "[fe80::1]", "notlocalhost",
      "127.0.0.-1",
      "127.0..1", "[::ffff:10.0.0.1]", "[::ffff:7e00:1]", "[::1:1]",
    ])
  func foreign(host: String) { #expect(status(rule(), host) == 421) }

  @Test("may be a name of --web.host, in any case and with any port")
  func named() {
    let named = rule(names: ["Weir.Example.com"])
    #expect(status(named, "weir.example.COM:443") == nil)
    #expect(status(named, "example.com") == 421)
  }

  @Test("counts where Weir listens on loopback alone, however that is written")
  func listening() throws {
    for text in ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"] {
      let address = try #require(SocketAddress(numericHost: text))
      #expect(status(rule([address]), "evil.example") == 421, "\(text)")
    }
    let mapped = SocketAddress(family: .ipv6, port: 80, high: 0, low: 0xffff_7f00_0001)
    #expect(status(rule([mapped]), "evil.example") == 421)
    let other = SocketAddress(family: .ipv6, port: 80, high: 0, low: 0xffff_0a00_0001)
    #expect(status(rule([other]), "evil.example") == nil)
  }

  @Test("does not matter where others reach Weir anyway, or where there are users")
  func open() {
    #expect(status(rule([.any4(port: 9_102)]), "evil.example") == nil)
    #expect(status(rule([.loopback(port: 1), .any4(port: 2)]), "evil.example") == nil)
    #expect(status(rule(hasUsers: true), "evil.example") == nil)
  }

  @Test("may be missing, as in HTTP/1.0")
  func missing() { #expect(status(rule(), nil) == nil) }

  @Test("matters to what changes something only if a browser asks")
  func guarding() async {
    func status(_ rule: HostRule, _ headers: HTTPHeaders) async -> Int {
      await rule.guarding { _ in HTTPResponse(status: 204) }(
        HTTPRequest(path: "/-/quit", headers: headers)
      ).status
    }
    let rebound: HTTPHeaders = ["Host": "evil.example", "Origin": "http://evil.example"]
    #expect(await status(rule(), rebound) == 421)
    #expect(await status(rule(), ["Host": "evil.example", "Sec-Fetch-Site": "same-origin"]) == 421)
    #expect(await status(rule(), ["Host": "evil.example"]) == 204)
    #expect(await status(rule(), ["Host": "localhost", "Origin": "http://localhost"]) == 204)
    #expect(await status(rule(hasUsers: true), rebound) == 204)
  }
}
