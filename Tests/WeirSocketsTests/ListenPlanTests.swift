import Testing

@testable import WeirSockets

@Suite struct ListenPlanTests {
  @Test func `[::] is IPv6 only if 0.0.0.0 has the same port, in either order`() throws {
    for texts in [["0.0.0.0:9", "[::]:9"], ["[::]:9", "0.0.0.0:9"], ["0.0.0.0:9", ":9"]] {
      let plan = try ListenPlan(texts)
      #expect(
        Set(plan.entries.map { "\($0.address) \($0.isIPv6Only)" }) == [
          "0.0.0.0:9 false", "[::]:9 true",
        ])
      #expect(plan.entries.map(\.text) == texts)
    }
  }

  @Test(
    "[::] accepts IPv4 unless 0.0.0.0 has the same port",
    arguments: [
      ["[::]:9"], ["[::]:9", "0.0.0.0:8"], ["[::]:0", "0.0.0.0:0"], ["[::]:9", "[::1]:8"],
    ])
  func dualStack(texts: [String]) throws {
    #expect(try ListenPlan(texts).entries.allSatisfy { !$0.isIPv6Only })
  }

  @Test(
    "two conflicting addresses are an error",
    arguments: [
      ("[::]:9", "127.0.0.1:9", "127.0.0.1:9"), ("127.0.0.1:9", "[::]:9", "127.0.0.1:9"),
      (":9", "[::1]:9", "[::1]:9"), ("0.0.0.0:9", "127.0.0.1:9", "127.0.0.1:9"),
      ("127.0.0.1:9", "0.0.0.0:9", "127.0.0.1:9"), (":9", "[::]:9", "[::]:9"),
      ("localhost:9", "127.0.0.1:9", "127.0.0.1:9"), ("[::1]:9", "[0::1]:9", "[::1]:9"),
    ])
  func conflicts(first: String, second: String, shared: String) {
    #expect(
      sentence { _ = try ListenPlan([first, second]) }
        == "\"\(first)\" and \"\(second)\" both listen on \(shared); leave one of them out")
  }

  @Test(
    "addresses without conflicts are kept in order",
    arguments: [
      ["127.0.0.1:9", "127.0.0.1:8"], ["127.0.0.1:9", "127.0.0.2:9"], ["127.0.0.1:9", "[::1]:9"],
      ["0.0.0.0:9", "[::1]:9"], ["127.0.0.1:0", "0.0.0.0:0"], [],
    ])
  func distinct(texts: [String]) throws {
    let plan = try ListenPlan(texts)
    #expect(plan.entries.map(\.text) == texts)
    #expect(plan.addresses.map(\.description) == texts)
  }

  @Test func `an IPv4 socket and an IPv6-only socket can share a port`() throws {
    let first = try TCPListener.bind(to: .any4(port: 0), flag: "--x")
    let port = first.address.port
    #expect(throws: ListenError.self) {
      _ = try TCPListener.bind(to: .any6(port: port), flag: "--x")
    }
    let second = try TCPListener.bind(to: .any6(port: port), isIPv6Only: true, flag: "--x")
    #expect(second.address == .any6(port: port))
    var groups = try UDPGroup.bind(to: .any4(port: 0), receivers: 2, flag: "--x")
    let udp = groups.address.port
    let others = try UDPGroup.bind(
      to: .any6(port: udp), isIPv6Only: true, receivers: 2, flag: "--x")
    #expect(others.address == .any6(port: udp))
    let hasSocket = groups.next() != nil
    #expect(hasSocket)
  }
}
