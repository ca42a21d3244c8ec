import Glibc
import WeirAggregation
import WeirHTTP
import WeirSockets
import WeirWire

/// `POST /api/v1/statsd`: lines of text as in datagrams, for senders without UDP.
actor StatsDPage {
  /// The path of the page.
  static let path = "/api/v1/statsd"
  /// Enough for twenty thousand lines, as sent and as unpacked. All bodies in flight together have another limit.
  static let bodyBytesMax = 1 << 20

  private var pipeline: IngestPipeline
  private let admission: ListenerFilter
  private let meter: PostedMeter
  private let keeper: StateKeeper?
  private var isStopping = false

  /// - Parameters:
  ///   - pipeline: One of its own, which admits every source and takes no frames.
  ///   - admission: Who may send.
  ///   - keeper: Commits what was taken before it is confirmed; nil without a state.
  init(
    _ pipeline: consuming IngestPipeline, admission: ListenerFilter, meter: PostedMeter,
    keeper: StateKeeper? = nil
  ) {
    self.pipeline = pipeline
    self.admission = admission
    self.meter = meter
    self.keeper = keeper
  }

  /// Takes the lines of a body in. Each is accepted or refused independently.
  ///
  /// - Returns: 204 after a commit, if there is a state; 400 with the number of lines that were taken and
  ///   refused, and the first that were refused; 403 if the sender may not send lines; 413 if the body is too
  ///   long; or 503 if what was taken in can't be saved, or after a stop.
  func respond(to request: HTTPRequest) async -> HTTPResponse {
    if let refusal = refusal(of: request) { return refusal }
    let body: [UInt8]
    do throws(HTTPBodyFailure) {
      body = try request.unpackedBody(bytesMax: StatsDPage.bodyBytesMax)
    } catch {
      return .error(error.status, error.message)
    }
    if isStopping {
      return .error(
        503, "this Weir is stopping; send the lines again", headers: ["Retry-After": "1"])
    }
    let report = ingest(body, from: request.peer)
    if report.taken > 0, let keeper {
      switch await keeper.commit(isPatient: true) {
      case .committed, .unprotected: break
      case .stale(let sentence), .refused(let sentence):
        return .error(503, sentence, headers: ["Retry-After": "1"])
      }
    }
    return report.mistake.map { .error(400, $0) } ?? HTTPResponse(status: 204)
  }

  /// The answer to a request that may not send lines; nil if it may.
  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard admission.takesText else {
      return .error(
        403, "this Weir accepts no lines of text; start it without --no-statsd.text to allow them")
    }
    guard
      admission.networks.isEmpty
        || request.peer.map({ admission.networks.contains($0) }) ?? false
    else { return .error(403, "lines are not accepted from this address; see --statsd.allow") }
    guard !request.isFromOtherSite else {
      return .error(403, "a page of another site may not send lines; use a program, or curl")
    }
    return nil
  }

  /// Takes in no more lines. When this returns, all that were taken are counted.
  func stop() { isStopping = true }

  private func ingest(_ body: [UInt8], from peer: SocketAddress?) -> LineReport {
    var lines = PostedLines(body, from: peer)
    pipeline.report = LineReport()
    while lines.next() { pipeline.ingest(lines) }
    let report = pipeline.report ?? LineReport()
    pipeline.report = nil
    meter.add(bytes: body.count, lines: report.lines)
    return report
  }
}
