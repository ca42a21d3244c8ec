import BenchmarkKit
import Testing

@Suite struct FlagTests {
  @Test func `numbers may be several`() throws {
    #expect(try Flag("--series=10,200").numbers(1...1_000) == [10, 200])
  }

  @Test func `packings are numbers of lines or what fits into a frame`() throws {
    #expect(try Flag("--lines=1,packed").packings() == [.lines(1), .frame])
  }

  @Test(arguments: [
    ("--series=", "--series needs a value, --series=…; see --help."),
    ("--series", "--series needs a value, --series=…; see --help."),
    ("--series=0", "--series=0 is not a whole number from 1 to 9."),
    ("--series=1,,2", "--series= is not a whole number from 1 to 9."),
    ("--series=1,x", "--series=x is not a whole number from 1 to 9."),
  ])
  func `a value that will not do is named with those that will`(
    argument: String, sentence: String
  ) {
    #expect(throws: UsageError(sentence: sentence)) { try Flag(argument).numbers(1...9) }
  }

  @Test func `a switch takes no value`() {
    #expect(throws: UsageError(sentence: "--json takes no value.")) {
      try Flag("--json=yes").turnsOn()
    }
  }

  @Test func `a kind that is none is named with those that are`() {
    let sentence = "--kind=meter is no kind of series; give counter, histogram, gauge or mixed."
    #expect(throws: UsageError(sentence: sentence)) { try Flag("--kind=meter").kind() }
  }
}
