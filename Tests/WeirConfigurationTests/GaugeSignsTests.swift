import Testing
import WeirWire

@testable import WeirConfiguration

@Suite("The meaning of a gauge's sign")
struct GaugeSignsTests {
  private func options(_ values: String...) throws -> Options.StatsD {
    let flags = values.map { "--statsd.gauge-sign=\($0)" }
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("\(flags) does not run")
    }
    return options.statsd
  }

  @Test("is that of its listener, else that of all, else a change")
  func listeners() throws {
    let none = try options()
    #expect(none.lines(at: ":8125").gaugeSign == .relative && none.gaugeSigns.listeners.isEmpty)
    let all = try options("absolute")
    #expect(all.lines(at: ":8125").gaugeSign == .absolute && all.gaugeSigns.listeners.isEmpty)
    let one = try options(":9125=absolute")
    #expect(one.lines(at: ":8125").gaugeSign == .relative)
    #expect(one.lines(at: ":9125").gaugeSign == .absolute)
    // The sign of one listener holds, before or after that of all.
    for both in [
      try options("absolute", "[::1]:1=relative"), try options("[::1]:1=relative", "absolute"),
    ] {
      #expect(both.lines(at: "[::1]:1").gaugeSign == .relative)
      #expect(both.lines(at: ":1").gaugeSign == .absolute)
      #expect(both.gaugeSigns.listeners == ["[::1]:1"])
    }
  }
}
