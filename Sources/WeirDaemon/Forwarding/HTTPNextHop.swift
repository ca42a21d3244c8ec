// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirBytes
import WeirConfiguration
import WeirCurl
import WeirForwarding
import WeirSockets

/// Sends frames over HTTP or HTTPS, some hundred in a request. A 204 confirms all of them.
actor HTTPNextHop: NextHop {
  /// libcurl blocks, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.forward.http")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// What sends a body; replaced by tests.
  typealias Post = (_ body: [UInt8], _ milliseconds: Int) throws(CurlConnection.Failure) ->
    CurlConnection.Answer

  /// How long a request may take with its answer.
  static let requestSeconds = 10

  /// Requests that the frames of one body may take, if some are refused. Each refused one of 10,000 takes up to 28.
  static let requestsMax = 64
  /// Bytes of a frame's length in a body.
  private static let lengthBytesMax = 3

  private let url: ForwardURL
  private let desk: ForwardDesk
  private let log: Log
  private let makePost: @Sendable () throws(CurlConnection.Failure) -> Post
  private var post: Post?
  /// What was logged last, so that a fault that lasts is logged once.
  private var lastFault = ""
  private var isStopped = false
  private let stopTime = StopTime()

  init(
    url: ForwardURL, desk: ForwardDesk, log: Log,
    makePost: @escaping @Sendable () throws(CurlConnection.Failure) -> Post
  ) {
    self.url = url
    self.desk = desk
    self.log = log
    self.makePost = makePost
  }

  /// - Parameter caFile: Certificates that the server is checked against; nil for the system's.
  static func curl(
    _ url: ForwardURL, caFile: String?
  ) -> @Sendable () throws(CurlConnection.Failure) -> Post {
    var settings = CurlConnection.Settings(userAgent: "weir/\(Version.current)")
    settings.credentials = url.credentials
    settings.caFile = caFile
    return { [settings] () throws(CurlConnection.Failure) in
      let connection = try CurlConnection(settings)
      return { body, milliseconds throws(CurlConnection.Failure) in
        var request = CurlConnection.Request(url: url.requestText)
        request.headers = ["Content-Type: \(PushPage.contentType)"]
        request.body = body
        return try connection.send(request, milliseconds: milliseconds)
      }
    }
  }

  func send(_ batch: FrameBatch) async -> Int {
    var sent = 0
    var next = 0
    while next < batch.count {
      let first = next
      var bytes = 0
      while next < batch.count {
        let length = batch.range(of: next).count + HTTPNextHop.lengthBytesMax
        guard next == first || bytes + length <= PushPage.bodyBytesMax else { break }
        bytes += length
        next += 1
      }
      let (taken, goesOn) = deliver(batch, first..<next)
      sent += taken
      // What was not sent is sent by the next round.
      if !goesOn { break }
    }
    return sent
  }

  nonisolated func end(by time: ContinuousClock.Instant) { stopTime.set(time) }

  func stop() { isStopped = true }

  /// Sends frames in one request. If the next hop refuses one of them, it does not say which others it has taken. Then
  /// the halves are sent, and their halves, until the others are confirmed or `requestsMax` is reached.
  ///
  /// - Returns: How many frames were confirmed, and whether there is a use in sending more.
  private func deliver(_ batch: FrameBatch, _ range: Range<Int>) -> (taken: Int, goesOn: Bool) {
    var parts = [range]
    var taken = 0
    var requests = 0
    var refusal: String?
    while requests < HTTPNextHop.requestsMax, let part = parts.popLast() {
      requests += 1
      switch exchange(body(batch, part)) {
      case .confirmed:
        taken += part.count
        desk.hearAll(Array(batch.names[part]))
      case .refused(let text):
        // The text has the number of the frame in the request: that of a single frame is always the same.
        if refusal == nil || part.count == 1 { refusal = text }
        guard part.count > 1 else { continue }
        let middle = part.lowerBound + part.count / 2
        parts.append(middle..<part.upperBound)
        parts.append(part.lowerBound..<middle)
      case .failed(let text):
        if let text { fault(text) }
        return (taken, false)
      }
    }
    if let refusal {
      fault(refusal)
    } else {
      if !lastFault.isEmpty { log.info("forwarding again", ["url": .text(url.description)]) }
      lastFault = ""
    }
    return (taken, true)
  }

  private func body(_ batch: FrameBatch, _ part: Range<Int>) -> [UInt8] {
    var body: [UInt8] = []
    for index in part {
      let range = batch.range(of: index)
      var length = ByteWriter(capacity: 4)
      length.append(varint: range.count)
      body.append(contentsOf: length.bytes)
      body.append(contentsOf: batch.bytes[range])
    }
    return body
  }

  private enum Outcome {
    case confirmed
    case refused(String)
    /// Nil where Weir stops.
    case failed(String?)
  }

  private func exchange(_ body: [UInt8]) -> Outcome {
    let left = stopTime.milliseconds(atMost: HTTPNextHop.requestSeconds * 1_000)
    guard !isStopped, left > 0 else { return .failed(nil) }
    do throws(CurlConnection.Failure) {
      let answer = try connected()(body, left)
      if answer.status == 204 { return .confirmed }
      let text = answer.text.split(separator: "\n").first.map { ": \($0)" } ?? ""
      let sentence = "the next hop answered \(answer.status)\(text)"
      return answer.status == 400 ? .refused(sentence) : .failed(sentence)
    } catch {
      return .failed(error.description)
    }
  }

  /// Not with `??`, which loses the type of the error.
  private func connected() throws(CurlConnection.Failure) -> Post {
    if let post { return post }
    let made = try makePost()
    post = made
    return made
  }

  private func fault(_ text: String) {
    if text == lastFault { return }
    lastFault = text
    log.warn(
      "forwarding failed; trying again",
      ["url": .text(url.description), "error": .text(text)])
  }
}
