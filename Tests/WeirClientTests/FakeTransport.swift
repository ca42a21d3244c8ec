import Synchronization
import WeirSockets

@testable import WeirClient

/// A time that stands still until a test, or a wait, moves it.
final class FakeTime: Sendable {
  private let nanoseconds = Atomic<UInt64>(1_000_000_000)

  var now: UInt64 { nanoseconds.load(ordering: .relaxed) }
  func advance(milliseconds: Int) {
    nanoseconds.add(UInt64(milliseconds) * 1_000_000, ordering: .relaxed)
  }

  var clock: ClientClock {
    ClientClock(
      wallMilliseconds: { 1_700_000_000_000 }, nanoseconds: { [self] in now })
  }
}

/// Keeps what is sent, and answers as it is told; a wait for an answer moves the time.
final class FakeTransport: FrameTransport {
  private(set) var sent: [[UInt8]] = []
  private var answers: [[UInt8]] = []
  private let time: FakeTime
  private let answer: ([UInt8], Int) -> [UInt8]?

  /// - Parameter answer: The answer to a frame, by its bytes and how many were sent before it.
  init(time: FakeTime, answer: @escaping ([UInt8], Int) -> [UInt8]? = { _, _ in nil }) {
    self.time = time
    self.answer = answer
  }

  func send(_ frame: [UInt8]) -> Bool {
    if let answer = answer(frame, sent.count) { answers.append(answer) }
    sent.append(frame)
    return true
  }

  func receive(withinMilliseconds: Int) -> [UInt8]? {
    if !answers.isEmpty { return answers.removeFirst() }
    time.advance(milliseconds: withinMilliseconds)
    return nil
  }
}

extension Settings {
  /// Settings that a test changes in one or two places.
  static func make(
    _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Settings {
    var configuration = Configuration()
    configuration.collectsProcessMetrics = false
    change(&configuration)
    return try Settings(configuration)
  }
}
