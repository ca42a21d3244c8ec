import Testing

@testable import WeirConfiguration

@Suite("The flags of the state")
struct StateFlagTests {
  private func options(_ flags: [String]) throws -> Options {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("not a run")
    }
    return options
  }

  @Test("are off by default")
  func defaults() throws {
    let state = try options([]).state
    #expect(state == Options.State())
    #expect(state.directory == nil && state.intervalSeconds == 5 && state.onError == .refuse)
  }

  @Test("set what they name")
  func set() throws {
    let state = try options([
      "--state.dir=/var/lib/weir", "--state.interval=90s", "--state.on-error", "serve",
    ]).state
    #expect(state.directory == "/var/lib/weir")
    #expect(state.intervalSeconds == 90 && state.onError == .serve)
  }

  @Test(
    "refuse what they can't use, with a sentence",
    arguments: [
      (
        "--state.dir=",
        #"--state.dir: "" is not the name of a directory; write one, or leave the flag out"#
      ),
      (
        "--state.interval=0",
        #"--state.interval: "0" is not the time between two commits; write a duration from 1s to 1h, such as 5s"#
      ),
      (
        "--state.interval=10s",
        "--state.interval is given without --state.dir; add it, or leave the flag out"
      ),
      (
        "--state.on-error=serve",
        "--state.on-error is given without --state.dir; add it, or leave the flag out"
      ),
      (
        "--state.interval=61m",
        #"--state.interval: "61m" is not the time between two commits; write a duration from 1s to 1h, such as 5s"#
      ),
      (
        "--state.on-error=stop", #"--state.on-error: "stop" is not a choice; write refuse or serve"#
      ),
    ])
  func refuse(flag: String, sentence: String) {
    #expect(throws: UsageError(sentence)) { _ = try options([flag]) }
  }
}
