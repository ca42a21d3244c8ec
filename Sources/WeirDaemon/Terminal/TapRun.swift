import Glibc
import WeirBytes
import WeirCloudWatch
import WeirConfiguration
import WeirCurl
import WeirJSON
import WeirTerminal

/// `weir tap`: shows what `/api/v1/tap` answers, line by line.
final class TapRun {
  /// The longest line of the answer.
  static let lineBytesMax = 1 << 20
  /// What an answer may take beyond `--for`.
  private static let graceSeconds = 10

  private let tap: Options.Tap
  private let connection: WeirConnection
  private let output: CommandOutput
  private let style: Style
  private var rest: [UInt8] = []
  private var shown = 0
  private var notShown = 0
  private var count: TapCount?
  private var refusal: String?
  /// Why lines could not be printed.
  private var fault: (any Error)?

  init(_ options: Options, to output: CommandOutput = CommandOutput()) throws {
    tap = options.tap
    connection = try WeirConnection(options)
    self.output = output
    style = Style(
      isTerminal: isatty(output.descriptor) == 1, variable: EnvironmentVariable.value)
    count = tap.countBy.map { TapCount(by: TapCount.Key($0)) }
  }

  func run() async throws {
    let signals = try await SignalWatch([SIGINT, SIGTERM, SIGHUP])
    let answer: CurlConnection.Answer
    do throws(CurlConnection.Failure) {
      answer = try connection.get(
        "\(connection.root)/api/v1/tap?\(query)", accept: "application/x-ndjson",
        milliseconds: (tap.seconds + TapRun.graceSeconds) * 1_000,
        hasEnded: { signals.hasAny }, take: { self.take($0) && !signals.hasAny })
    } catch {
      if let fault { throw fault }
      // What was shown is not lost, and the summary says how much it was.
      if shown == 0, !signals.hasAny { throw connection.unreachable(error) }
      if !signals.hasAny { Log.write("weir: the connection has ended: \(error)\n") }
      return try finish()
    }
    if let fault { throw fault }
    if answer.status != 200 {
      if let event = JSONValue(rest).flatMap({ TapEvent($0) }) { try show(event, rest) }
      throw connection.failure(status: answer.status, refusal)
    }
    try finish()
  }

  private var query: String {
    var form = FormWriter()
    form.add("what", tap.showsRefused ? "refused" : "accepted")
    for filter in tap.filters { form.add(filter.parameter, filter.value) }
    if let limit = tap.limit { form.add("limit", "\(limit)") }
    if let rate = tap.perSecond { form.add("rate", "\(rate)") }
    form.add("seconds", "\(tap.seconds)")
    return String(decoding: form.bytes, as: UTF8.self)
  }

  /// - Returns: Whether to go on.
  private func take(_ part: [UInt8]) -> Bool {
    rest += part
    do {
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(rest[..<end])
        rest.removeFirst(end + 1)
        // What is no object of the tap comes from a newer weir, or from something else.
        if let event = JSONValue(line).flatMap({ TapEvent($0) }) { try show(event, line) }
      }
      guard rest.count <= TapRun.lineBytesMax else {
        throw CommandFailure.unreachable(
          "\(connection.root) does not answer as weir does; write the address of weir with --url")
      }
    } catch {
      fault = error
      return false
    }
    return true
  }

  private func show(_ event: TapEvent, _ bytes: [UInt8]) throws {
    switch event {
    case .line(let line):
      shown += 1
      count?.add(line)
      if !tap.isJSON { try output.write(line.text(style) + "\n") }
    case .notShown(let lines):
      guard lines > 0 else { return }
      // The number is the server's, and may be any.
      notShown = notShown.addingReportingOverflow(lines).overflow ? .max : notShown + lines
      if !tap.isJSON {
        let matched = CountText.groupedCount(
          lines, "line matched that is", "lines matched that are")
        try output.write("\(style.ellipsis) \(matched) not shown\n")
      }
    case .end: break
    case .error(let sentence): refusal = sentence
    }
    if tap.isJSON { try output.write(StatusQuestion.line(bytes) + "\n") }
  }

  /// Prints the list, and the summary on standard error.
  private func finish() throws {
    if let count { try output.write(count.text(style)) }
    var text = "weir: \(CountText.groupedCount(shown, "line")) shown"
    if notShown > 0 { text += ", \(CountText.grouped(notShown)) more matched" }
    Log.write(text + "\n")
    if shown == 0 {
      throw CommandFailure.trouble("no line matched; see weir tap --help for filters")
    }
  }
}
