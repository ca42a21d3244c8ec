import Testing

@testable import WeirConfiguration

@Suite("The meaning of a gauge's sign")
struct GaugeSignsTests {
  private func signs(_ values: String...) throws -> GaugeSigns {
    let flags = values.map { "--statsd.gauge-sign=\($0)" }
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("\(flags) does not run")
    }
    return options.statsd.gaugeSigns
  }

  @Test("is that of its listener, else that of all, else a change")
  func listeners() throws {
    let none = try signs()
    #expect(none.sign(of: ":8125") == .relative && none.listeners.isEmpty)
    let all = try signs("absolute")
    #expect(all.sign(of: ":8125") == .absolute && all.listeners.isEmpty)
    let one = try signs(":9125=absolute")
    #expect(one.sign(of: ":8125") == .relative && one.sign(of: ":9125") == .absolute)
    // What is said of one holds, before or after what is said of all.
    for both in [
      try signs("absolute", "[::1]:1=relative"), try signs("[::1]:1=relative", "absolute"),
    ] {
      #expect(both.sign(of: "[::1]:1") == .relative && both.sign(of: ":1") == .absolute)
      #expect(both.listeners == ["[::1]:1"])
    }
  }
}
