import Glibc
import WeirHTTP
import WeirInsight
import WeirMetrics
import WeirPush

/// `POST /api/v1/push`: frames, each after its length, for hosts without UDP.
actor PushPage {
  /// The path of the page.
  static let path = "/api/v1/push"
  /// The content type that a body must have. A browser sends no such request from a page of another
  /// origin without permission, so no page can push with a password that the browser has stored.
  static let contentType = "application/vnd.weir.push"
  /// Enough for frames of thousands of series. All bodies in flight together have another limit.
  static let bodyBytesMax = 1 << 20

  private var pipeline: PushPipeline
  private let forwards: Bool
  private let refusals: RefusedLines
  private let log: Log
  private let keeper: StateKeeper?
  /// Nil where nobody can watch.
  private let watch: PipelineWatch?
  private let now: @Sendable () -> timespec

  init(
    _ pushed: Pushed, refused: RefusedLines, keeper: StateKeeper? = nil,
    watch: PipelineWatch? = nil, log: Log,
    now: @escaping @Sendable () -> timespec
  ) {
    pipeline = PushPipeline(pushed, now: now)
    forwards = pushed.forward != nil
    refusals = refused
    self.keeper = keeper
    self.watch = watch
    self.log = log
    self.now = now
  }

  /// How long a request whose frames are passed on waits for the next hop.
  static let relaySeconds = 4.0

  /// Takes the frames of a body in. Each is accepted or refused independently.
  ///
  /// - Returns: 204 after a commit, if there is a state, or after the next hop has confirmed all frames, if they
  ///   are passed on; 400 with the first frame that was refused, and why; or 503 if what was taken in can't be
  ///   saved or was not confirmed.
  func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard request.headers["Content-Type"] == PushPage.contentType else {
      return .error(415, "the Content-Type must be \(PushPage.contentType)")
    }
    let relayed = forwards ? RelayedRequest() : nil
    let (taken, refused) = ingest(request, relayed)
    if let relayed, taken > 0, await !relayed.wait(seconds: PushPage.relaySeconds) {
      return .error(
        503, relayed.refusal ?? "the next hop has not confirmed the frames; send them again")
    }
    if relayed == nil, taken > 0, let keeper {
      switch await keeper.commit(isPatient: true) {
      case .committed, .unprotected: break
      case .stale(let sentence), .refused(let sentence):
        return .error(503, sentence, headers: ["Retry-After": "1"])
      }
    }
    return refused.map { .error(400, $0) } ?? HTTPResponse(status: 204)
  }

  /// Takes the instance of the frame that was just read, if it is its turn.
  private func sample(_ watch: PipelineWatch, _ turns: inout WatchTurns?) {
    var begun = turns ?? WatchTurns()
    if turns == nil { watch.begin(&begun) }
    if begun.messages.choosesNext(), let instance = pipeline.instance {
      let sent = TrafficSample.Sent(
        sender: .instance(instance, isSigned: pipeline.isSigned),
        lines: Double(pipeline.recordCount), refused: 0)
      watch.add(sent, &begun)
    }
    turns = begun
  }

  /// - Returns: How many frames were accepted; and why the body, or the first frame that was refused, was refused.
  private func ingest(_ request: HTTPRequest, _ relayed: RelayedRequest?) -> (
    taken: Int, refused: String?
  ) {
    let bytes = request.body.span
    var frames = PushFrames(bytes)
    var number = 0
    var taken = 0
    var refused: String?
    var reports = PushReports(peer: request.peer, at: now())
    var turns: WatchTurns?
    while let frame = frames.next() {
      number += 1
      do throws(PushRefusal) {
        _ = try pipeline.ingest(
          bytes, from: frame.lowerBound, to: frame.upperBound, request: relayed)
        taken += 1
        if let watch, watch.interests.contains(.sampling) { sample(watch, &turns) }
        reports.addRecords(of: pipeline, bytes)
      } catch {
        reports.addFrame(of: pipeline, error)
        refused = refused ?? "frame \(number) is refused: \(error.sentence)"
      }
    }
    refusals.pushes.record(reports, log: log)
    if frames.hasFailed {
      refused = refused ?? "after \(number) frames, the body ends within a frame or its length"
    } else if number == 0 {
      refused = "the body contains no frame; write each after its length as a varint"
    }
    return (taken, refused)
  }
}
