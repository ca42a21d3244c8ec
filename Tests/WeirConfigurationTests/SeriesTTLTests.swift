import Testing
import WeirMetrics

@testable import WeirConfiguration

@Suite("The lifetime of series")
struct SeriesTTLTests {
  private func seconds(_ values: String...) throws -> [Int] {
    let flags = values.map { "--series.ttl=\($0)" }
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else { return [] }
    return MetricKind.allCases.map { Int(options.rules.lifetimes[$0] ?? 0) }
  }

  @Test("is unlimited for every kind by default")
  func kinds() throws {
    #expect(try seconds() == [0, 0, 0, 0])
    #expect(try seconds("1h") == [3_600, 3_600, 3_600, 3_600])
    #expect(try seconds("0") == [0, 0, 0, 0])
    #expect(try seconds("counter=7d") == [604_800, 0, 0, 0])
    #expect(try seconds("gauge=5m", "histogram=90s") == [0, 300, 90, 0])
    // The lifetime of one kind holds, before or after that of all.
    #expect(try seconds("1h", "set=0") == [3_600, 3_600, 3_600, 0])
    #expect(try seconds("set=0", "1h") == [3_600, 3_600, 3_600, 0])
  }

  @Test(
    "is read with units, from the longest to the shortest",
    arguments: [
      ("0", 0), ("0s", 0), ("1ms", 1), ("90s", 90_000), ("5m", 300_000), ("36h", 129_600_000),
      ("2d", 172_800_000), ("1h30m", 5_400_000), ("1d1h1m1s1ms", 90_061_001), ("1d1s", 86_401_000),
      ("007m", 420_000),
      ("", nil), ("5", nil), ("m", nil), ("5 m", nil), ("5M", nil), ("5w", nil), ("1m1h", nil),
      ("1m1m", nil), ("1h30", nil), ("+1s", nil), ("1s ", nil), ("١s", nil), ("1.5s", nil),
      ("99999999999999999999s", nil), ("9223372036854775807d", nil),
      ("9223372036854775s9223372036854775807ms", nil),
    ] as [(String, Int?)])
  func durations(_ text: String, _ milliseconds: Int?) {
    #expect(TimeSpan.milliseconds(text) == milliseconds)
  }

  @Test("is shown as it is read", arguments: [0, 1, 59, 60, 300, 3_661, 86_400, 315_360_000])
  func text(_ seconds: Int) {
    #expect(TimeSpan.milliseconds(TimeSpan.text(seconds: seconds)) == seconds * 1_000)
  }
}
