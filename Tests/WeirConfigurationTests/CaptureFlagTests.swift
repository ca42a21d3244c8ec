import Testing

@testable import WeirConfiguration

/// The flags of `weir record` and `weir replay`.
@Suite struct CaptureFlagTests {
  private func options(_ table: FlagTable, _ arguments: String...) throws -> Options {
    guard
      case .run(let options) = try Invocation.parse(
        arguments, operandsMax: 2, cores: 1, flags: table
      ).invocation
    else { throw UsageError("no options") }
    return options
  }

  private func sentence(_ table: FlagTable, _ argument: String) -> String? {
    let error = #expect(throws: UsageError.self) { try options(table, argument) }
    return error?.description
  }

  @Test func `have defaults`() throws {
    let record = try options(.record).record
    #expect(record.seconds == 60 && record.bytesMax == 100_000_000 && !record.replaces)
    let replay = try options(.replay).replay
    #expect(replay.speed == .factor(1) && replay.loops == 1 && replay.seconds == 3_600)
    #expect(replay.port == nil && !replay.movesTimes && !replay.isDry)
  }

  @Test func `are read`() throws {
    let record = try options(
      .record, "--for=10m", "--limit=2KiB", "--sender=10.0.0.0/8", "--sender=fd00::/8", "--force"
    ).record
    #expect(record.seconds == 600 && record.bytesMax == 2_048 && record.replaces)
    #expect(record.senders == ["10.0.0.0/8", "fd00::/8"])
    let replay = try options(
      .replay, "--speed=0.5", "--loop=3", "--rewrite-time", "--port=9125", "--dry-run", "--for=1d"
    ).replay
    #expect(replay.speed == .factor(0.5) && replay.loops == 3 && replay.movesTimes)
    #expect(replay.port == 9_125 && replay.isDry && replay.seconds == 86_400)
    #expect(try options(.replay, "--speed=max").replay.speed == .max)
  }

  @Test(arguments: ["1", "10", "0.5", "2.5", "1000000", "max"])
  func `a speed is shown as it is read`(text: String) throws {
    #expect(try ReplaySpeed.parse(text).text == text)
  }

  @Test(arguments: [
    "0", "", "-1", "+1", "1e3", "inf", "nan", "0.0000001", "1000001", "1x", ".", "Max",
  ])
  func `other speeds are refused`(text: String) {
    #expect(
      sentence(.replay, "--speed=\(text)")
        == "--speed: \"\(text)\" is not a speed; write how many times as fast as recorded, such as 1, "
        + "10 or 0.5, or max")
  }

  @Test func `mistakes are sentences`() {
    #expect(
      sentence(.replay, "--port=0")
        == "--port: \"0\" is not a port; write a number from 1 to 65535")
    #expect(
      sentence(.replay, "--port=65536")
        == "--port: \"65536\" is not a port; write a number from 1 to 65535")
    #expect(
      sentence(.replay, "--loop=0")
        == "--loop: \"0\" is not a number of times; write one from 1 to 1000000")
    #expect(
      sentence(.record, "--limit=999")
        == "--limit: \"999\" is not a number of bytes; write one from 1000 to 1024GiB, such as 2000 or "
        + "2KiB")
    #expect(
      sentence(.record, "--for=8d")
        == "--for: \"8d\" is not how long to record; write a duration from 1s to 7d, such as 10m")
    #expect(
      sentence(.record, "--spede=1")
        == "--spede is not a flag of weir record; see weir record --help for the flags"
        || sentence(.record, "--spede=1")?.hasPrefix(
          "--spede is not a flag of weir record; did you")
          == true
    )
  }
}
