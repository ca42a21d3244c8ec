import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite struct SendPlanTests {
  private func plan(_ words: [String], isTerminal: Bool = false) throws -> SendPlan {
    let (invocation, operands) = try Invocation.parse(
      words, operandsMax: SendCommand.operandsMax, cores: 1, flags: .send)
    guard case .run(let options) = invocation else { throw UsageError("not a run") }
    return try SendPlan(options, operands, isTerminal: isTerminal)
  }

  private func sentence(_ words: String..., isTerminal: Bool = false) -> String? {
    #expect(throws: UsageError.self) { try plan(words, isTerminal: isTerminal) }?.description
  }

  @Test(arguments: [
    (["a:1|c"], SendTarget.udp("127.0.0.1:8125"), ["a:1|c"]),
    (["weir.example:8125", "a:1|c", "b:2|g"], .udp("weir.example:8125"), ["a:1|c", "b:2|g"]),
    (["[::1]:8125", "a:1|c"], .udp("[::1]:8125"), ["a:1|c"]),
    ([":9125"], .udp("127.0.0.1:9125"), []),
    (["/run/weir.sock", "a:1|c"], .unix("/run/weir.sock"), ["a:1|c"]),
    (["./weir.sock", "a:1|c"], .unix("./weir.sock"), ["a:1|c"]),
    (["../weir.sock"], .unix("../weir.sock"), []),
    (["unixgram:///run/weir.sock"], .unix("/run/weir.sock"), []),
    (["a:1|c", "b:1"], .udp("127.0.0.1:8125"), ["a:1|c", "b:1"]),
    (["_sc|check|0"], .udp("127.0.0.1:8125"), ["_sc|check|0"]),
    (["no-line"], .udp("127.0.0.1:8125"), ["no-line"]),
    (["--statsd.listen-udp=:7125", "a:1|c"], .udp("127.0.0.1:7125"), ["a:1|c"]),
    (["--statsd.listen-udp=0.0.0.0:7125"], .udp("127.0.0.1:7125"), []),
    (["--statsd.listen-udp=[::]:7125"], .udp("127.0.0.1:7125"), []),
    (["--statsd.listen-udp=10.1.2.3:7125"], .udp("10.1.2.3:7125"), []),
    (["--compat=statsd_exporter", "a:1|c"], .udp("127.0.0.1:9125"), ["a:1|c"]),
  ])
  func `the first operand is the address if it can be one`(
    words: [String], target: SendTarget, lines: [String]
  ) throws {
    let plan = try plan(words)
    #expect(plan.target == target)
    #expect(plan.lines == lines)
  }

  @Test func `without UDP a Unix socket is meant, or an address is needed`() throws {
    let noUDP = "--statsd.listen-udp="
    #expect(try plan([noUDP, "--statsd.listen-unixgram=/run/a"]).target == .unix("/run/a"))
    #expect(
      sentence(noUDP, "a:1|c")
        == "send: these flags turn UDP off, so write the address before the lines, such as "
        + "127.0.0.1:8125")
  }

  @Test func `what cannot be meant is refused`() {
    for wrong in ["127.0.0.1:99999", "::1:8125", "udp://h:1", "http://h:1", "statsd.sock"] {
      #expect(
        sentence(wrong, "a:1|c")
          == "send: \"\(wrong)\" is neither an address nor a line; write HOST:PORT, the path of a "
          + "socket, or name:value|type")
    }
    #expect(
      sentence("--demo", "a:1|c")
        == #"send: a demo takes no lines; leave "a:1|c" out, or --demo"#)
    #expect(
      sentence("a:1", isTerminal: true)
        == #"send: there is no line, because "a:1" is read as the address; write lines after it"#)
    #expect(
      sentence("--push", "/run/a", "a:1|c")
        == "send: --push goes by UDP; write HOST:PORT as the address")
  }
}
