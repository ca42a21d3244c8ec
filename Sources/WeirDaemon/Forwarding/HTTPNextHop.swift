// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirBytes
import WeirConfiguration
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
  typealias Post = (_ body: [UInt8]) throws(CurlPost.Failure) -> CurlPost.Answer

  private let url: ForwardURL
  private let desk: ForwardDesk
  private let log: Log
  private let makePost: @Sendable () -> Post?
  private var post: Post?
  /// What was logged last, so that a fault that lasts is logged once.
  private var lastFault = ""
  private var isStopped = false

  init(
    url: ForwardURL, desk: ForwardDesk, log: Log, makePost: @escaping @Sendable () -> Post?
  ) {
    self.url = url
    self.desk = desk
    self.log = log
    self.makePost = makePost
  }

  /// - Parameter caFile: Certificates that the server is checked against; nil for the system's.
  static func curl(_ url: ForwardURL, caFile: String?) -> @Sendable () -> Post? {
    return {
      guard
        let curl = CurlPost(
          url: url.requestText, credentials: url.credentials, caFile: caFile,
          contentType: PushPage.contentType)
      else { return nil }
      return { body throws(CurlPost.Failure) in try curl.post(body) }
    }
  }

  func send(_ batch: FrameBatch) async -> Int {
    var sent = 0
    var next = 0
    while next < batch.count, !isStopped {
      let first = next
      var body: [UInt8] = []
      while next < batch.count {
        let range = batch.range(of: next)
        guard body.isEmpty || body.count + range.count + 3 <= PushPage.bodyBytesMax else { break }
        var length = ByteWriter(capacity: 4)
        length.append(varint: range.count)
        body.append(contentsOf: length.bytes)
        body.append(contentsOf: batch.bytes[range])
        next += 1
      }
      // What was not sent is sent by the next round.
      guard deliver(body, Array(batch.names[first..<next])) else { break }
      sent += next - first
    }
    return sent
  }

  func stop() { isStopped = true }

  private func deliver(_ body: [UInt8], _ names: [FrameBatch.Name]) -> Bool {
    if post == nil { post = makePost() }
    guard let post else {
      fault("libcurl could not be started")
      return false
    }
    do throws(CurlPost.Failure) {
      let answer = try post(body)
      guard answer.status == 204 else {
        let text = answer.text.split(separator: "\n").first.map { ": \($0)" } ?? ""
        fault("the next hop answered \(answer.status)\(text)")
        return answer.status == 400
      }
    } catch {
      fault(error.description)
      return false
    }
    if !lastFault.isEmpty { log.info("forwarding again", ["url": .text(url.description)]) }
    lastFault = ""
    desk.hearAll(names)
    return true
  }

  private func fault(_ text: String) {
    if text == lastFault { return }
    lastFault = text
    log.warn(
      "forwarding failed; trying again",
      ["url": .text(url.description), "error": .text(text)])
  }
}
