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
    Task {
      if let request = await read(peer) { peer.send(await answer(request)) }
      requests -= 1
    }
  }

  /// A request without its zero byte; nil if it does not arrive in time, or is too long.
  private func read(_ peer: LocalSocket) async -> [UInt8]? {
    var request: [UInt8] = []
    // It is sent in one piece, so that it has nearly always arrived at once.
    for _ in 0..<Self.seconds * 100 {
      if let bytes = peer.receiveArrived(bytesMax: Self.requestBytesMax) {
        if bytes.isEmpty { return nil }
        request += bytes
        if request.last == 0 { return request.dropLast() }
        if request.count > Self.requestBytesMax { return nil }
      } else {
        try? await Task.sleep(for: .milliseconds(10))
      }
    }
    return nil
  }

  private func answer(_ request: [UInt8]) async -> String {
    let isDry = request.first == UInt8(ascii: "1")
    let selector = String(decoding: request.dropFirst(), as: UTF8.self)
    let forgetter = forgetter
    // On a thread of its own, because it may take seconds; tasks and global queues have few threads.
    let outcome = await withCheckedContinuation { done in
      DispatchQueue(label: "weir.forget.request").async {
        done.resume(returning: forgetter.forget([selector], isDry: isDry, requester: "weir forget"))
      }
    }
    switch outcome {
    case .done(let text, let series): return (series > 0 ? "y" : "n") + text
    case .mistake(let sentence), .refused(let sentence): return "e" + sentence + "\n"
    }
  }
}
