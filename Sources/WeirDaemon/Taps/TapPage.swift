import WeirHTTP
import WeirMetrics
import WeirSockets

/// `/api/v1/tap`: lines as they arrive.
struct TapPage: Sendable {
  static let parameters = [
    "what", "name", "label", "sender", "reason", "limit", "rate", "seconds",
  ]
  static let labelsMax = 16
  static let textBytesMax = 1_024

  let desk: TapDesk
  let showsLines: Bool

  func respond(to request: HTTPRequest) -> HTTPResponse {
    do throws(ApiFailure) {
      guard showsLines else {
        throw ApiFailure("lines are hidden by --no-web.show-lines, so there is no tap", status: 403)
      }
      let query = try ApiQuery(request.query, known: TapPage.parameters)
      let seconds = try query.integer("seconds", in: 1...600, default: 30)
      let tap = Tap(
        try filter(query), rate: try query.integer("rate", in: 1...10_000, default: 100),
        limit: try query.integer("limit", in: 1...1_000_000, default: 10_000))
      let headers: HTTPHeaders = [
        "Content-Type": "application/x-ndjson", "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
      ]
      if request.method == "HEAD" { return HTTPResponse(headers: headers) }
      let stream = try TapStream(tap, desk, seconds: seconds)
      return HTTPResponse(headers: headers, stream: .stream(stream))
    } catch {
      return error.response
    }
  }

  private func filter(_ query: ApiQuery) throws(ApiFailure) -> TapFilter {
    var filter = TapFilter()
    filter.showsRefused = try query.choice("what", of: ["accepted", "refused"]) == "refused"
    filter.name = try bounded("name", query.text("name")).map { NameGlob($0) }
    let labels = query.all("label")
    guard labels.count <= TapPage.labelsMax else {
      throw ApiFailure("there are more than \(TapPage.labelsMax) labels; leave some of them out")
    }
    for label in labels {
      let sides = label.utf8.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty, label.utf8.count <= TapPage.textBytesMax else {
        throw ApiFailure("a label is not KEY=VALUE; write for example label=provider=openai")
      }
      filter.add(label: Array(sides[0]), value: Array(sides[1]))
    }
    if let sender = try query.text("sender") {
      do throws(SourceNetworkError) {
        try filter.networks.add(sender)
      } catch {
        throw ApiFailure("sender: \(error.description)")
      }
    }
    if let text = try query.text("reason") {
      guard let reason = Refusal.allCases.first(where: { "\($0.label)" == text }) else {
        throw ApiFailure(
          "reason: there is no reason \(ApiQuery.quoted(text)); write one that /api/v1/refused lists, such as bad_value"
        )
      }
      guard filter.showsRefused else {
        throw ApiFailure("reason is given without what=refused; add it")
      }
      filter.reason = reason
    }
    return filter
  }

  private func bounded(_ name: String, _ text: String?) throws(ApiFailure) -> String? {
    if let text, text.utf8.count > TapPage.textBytesMax {
      throw ApiFailure("\(name) is longer than \(TapPage.textBytesMax) bytes; shorten it")
    }
    return text
  }
}

/// The body of a tap's answer. It sends something each second, so that a reader that has gone is noticed.
final class TapStream: HTTPBodyStream {
  /// How often it looks for lines.
  private static let pause = Duration.milliseconds(50)
  private static let heartbeat = Duration.seconds(1)

  private let tap: Tap
  private let desk: TapDesk
  private let deadline: ContinuousClock.Instant

  /// The time of the tap, and what it takes to end it.
  let secondsMax: Double?

  /// - Throws: If no more taps may be open.
  init(_ tap: Tap, _ desk: TapDesk, seconds: Int) throws(ApiFailure) {
    self.tap = tap
    self.desk = desk
    secondsMax = Double(seconds) + 10
    deadline = .now + .seconds(seconds)
    try desk.open(tap)
  }

  deinit { desk.close(tap) }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let start = ContinuousClock.now
    while true {
      if ContinuousClock.now >= deadline { tap.end(because: "time") }
      let (bytes, isLast) = tap.take()
      if isLast { desk.close(tap) }
      if isLast || !bytes.isEmpty { return HTTPBodyPiece(bytes, isLast: isLast) }
      if ContinuousClock.now - start >= TapStream.heartbeat {
        return HTTPBodyPiece([UInt8(ascii: "\n")], isLast: false)
      }
      do {
        try await Task.sleep(for: TapStream.pause)
      } catch {
        tap.end(because: "closed")
      }
    }
  }
}
