import Glibc
import WeirHTTP
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
  private let now: @Sendable () -> timespec

  init(
    _ pushed: Pushed, refused: RefusedLines, log: Log, now: @escaping @Sendable () -> timespec
  ) {
    pipeline = PushPipeline(pushed, now: now)
    forwards = pushed.forward != nil
    refusals = refused
    self.log = log
    self.now = now
  }

  /// How long a request whose frames are passed on waits for the next hop.
  static let relaySeconds = 4.0

  /// Takes the frames of a body in. Each is accepted or refused independently.
  ///
  /// - Returns: 204; 400 with the first frame that was refused, and why; or 503, if frames were passed on and the
  ///   next hop did not confirm them in time.
  func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard request.headers["Content-Type"] == PushPage.contentType else {
      return .error(415, "the Content-Type must be \(PushPage.contentType)")
    }
    let relayed = forwards ? RelayedRequest() : nil
    if let refused = ingest(request, relayed) { return .error(400, refused) }
    if let relayed, await !relayed.wait(seconds: PushPage.relaySeconds) {
      return .error(503, "the next hop has not confirmed the frames; send them again")
    }
    return HTTPResponse(status: 204)
  }

  /// - Returns: Why the body, or the first frame that was refused, was refused; nil if all were accepted.
  private func ingest(_ request: HTTPRequest, _ relayed: RelayedRequest?) -> String? {
    let bytes = request.body.span
    var frames = PushFrames(bytes)
    var number = 0
    var refused: String?
    var reports = PushReports(peer: request.peer, at: now())
    while let frame = frames.next() {
      number += 1
      do throws(PushRefusal) {
        _ = try pipeline.ingest(
          bytes, from: frame.lowerBound, to: frame.upperBound, request: relayed)
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
    return refused
  }
}
