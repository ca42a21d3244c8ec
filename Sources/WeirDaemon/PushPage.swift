import Glibc
import WeirHTTP
import WeirMetrics
import WeirPush

/// `POST /api/v1/push`: frames, each behind its length, for hosts that have no UDP.
actor PushPage {
  /// Where it is.
  static let path = "/api/v1/push"
  /// What a body has to say that it is. A browser asks before it sends such a thing from a page of
  /// somebody else's, so that no page can push with the password that the browser knows.
  static let contentType = "application/vnd.weir.push"
  /// Frames of thousands of series. All bodies on their way together have a limit of their own.
  static let bodyBytesMax = 1 << 20

  private var pipeline: PushPipeline
  private let refusals: RefusedLines
  private let log: Log
  private let now: @Sendable () -> timespec

  init(
    _ pushed: Pushed, refused: RefusedLines, log: Log, now: @escaping @Sendable () -> timespec
  ) {
    pipeline = PushPipeline(pushed, now: now)
    refusals = refused
    self.log = log
    self.now = now
  }

  /// Takes the frames of a body in, each whatever becomes of the others.
  ///
  /// - Returns: 204, or 400 with the first frame that was refused, and why.
  func respond(to request: HTTPRequest) -> HTTPResponse {
    guard request.headers["Content-Type"] == PushPage.contentType else {
      return .error(415, "the body has to be \(PushPage.contentType), and say so in Content-Type")
    }
    let bytes = request.body.span
    var frames = PushFrames(bytes)
    var number = 0
    var refused: String?
    var reports = PushReports(peer: request.peer, at: now())
    while let frame = frames.next() {
      number += 1
      do throws(PushRefusal) {
        _ = try pipeline.ingest(bytes, from: frame.lowerBound, to: frame.upperBound)
        reports.addRecords(of: pipeline, bytes)
      } catch {
        reports.addFrame(of: pipeline, error)
        refused = refused ?? "frame \(number) is refused: \(error.sentence)"
      }
    }
    refusals.pushes.record(reports, log: log)
    if frames.hasFailed {
      refused = refused ?? "behind \(number) frames the body ends before the length of the next"
    } else if number == 0 {
      refused = "there is no frame in the body; write each behind its length as a varint"
    }
    return refused.map { .error(400, $0) } ?? HTTPResponse(status: 204)
  }
}
