// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import WeirMetrics
import WeirSockets

/// Answers `weir forget`, for processes of the same user only.
///
/// A request is `1` for a dry run or `0`, then the selector, then a zero byte. An answer is `y` if
/// series matched, `n` if none did, `e` if it was refused, and then the text to show.
actor ForgetService {
  /// Requests at once.
  static let requestsMax = 4
  /// How long a request may take to arrive.
  static let seconds = 5
  static let requestBytesMax = SeriesSelector.bytesMax + 2
  static let answerBytesMax = 131_072

  private nonisolated let executor = DispatchQueueExecutor(label: "weir.forget")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private let log: Log
  private let forgetter: Forgetter
  private var listener: LocalListener
  private var requests = 0

  init(log: Log, forgetter: Forgetter) {
    self.log = log
    listener = LocalListener(on: executor.queue)
    self.forgetter = forgetter
  }

  /// Listens under the name of each address. A name that is taken is skipped, and logged.
  func start(_ addresses: [SocketAddress]) {
    listener.start(addresses, name: HealthName.forget, command: "weir forget", log: log) {
      [weak self] peer in
      self?.assumeIsolated { $0.serve(peer) }
    }
  }

  /// Stops listening.
  func end() { listener.end() }

  private func serve(_ peer: LocalSocket) {
    guard requests < Self.requestsMax else {
      return peer.send("eweir has too many such requests in flight; try again\n")
    }
    requests += 1
    let forgetter = forgetter
    // On a thread of its own, because it may take seconds; tasks and global queues have few threads.
    DispatchQueue(label: "weir.forget.request").async {
      if let request = Self.read(peer) { peer.send(Self.answer(request, forgetter)) }
      self.executor.queue.async { self.assumeIsolated { $0.requests -= 1 } }
    }
  }

  /// A request without its zero byte; nil if it does not arrive in time, or is too long.
  private static func read(_ peer: LocalSocket) -> [UInt8]? {
    var request: [UInt8] = []
    let end = ContinuousClock.now + .seconds(seconds)
    while peer.waitToReceive(until: end) {
      guard let bytes = peer.receiveArrived(bytesMax: requestBytesMax) else { continue }
      if bytes.isEmpty { return nil }
      request += bytes
      if request.last == 0 { return request.dropLast() }
      if request.count > requestBytesMax { return nil }
    }
    return nil
  }

  private static func answer(_ request: [UInt8], _ forgetter: Forgetter) -> String {
    let isDry = request.first == UInt8(ascii: "1")
    let selector = String(decoding: request.dropFirst(), as: UTF8.self)
    switch forgetter.forget([selector], isDry: isDry, requester: "weir forget") {
    case .done(let text, let series): return (series > 0 ? "y" : "n") + text
    case .mistake(let sentence), .refused(let sentence): return "e" + sentence + "\n"
    }
  }
}
