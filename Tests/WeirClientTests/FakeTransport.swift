import Synchronization
import WeirSockets

@testable import WeirClient

/// A clock that only a test, or a wait, advances.
final class FakeTime: Sendable {
  private let nanoseconds = Atomic<UInt64>(1_000_000_000)
  private let wall = Atomic<UInt64>(1_700_000_000_000)

  var now: UInt64 { nanoseconds.load(ordering: .relaxed) }
  func advance(milliseconds: Int) {
    nanoseconds.add(UInt64(milliseconds) * 1_000_000, ordering: .relaxed)
    wall.add(UInt64(milliseconds), ordering: .relaxed)
  }
  /// Sets the wall clock.
  func setWall(milliseconds: UInt64) { wall.store(milliseconds, ordering: .relaxed) }

  var clock: ClientClock {
    ClientClock(
      wallMilliseconds: { [self] in wall.load(ordering: .relaxed) },
      nanoseconds: { [self] in now })
  }
}

/// Stores sent frames, and answers with a closure. Waiting for an answer advances the clock.
final class FakeTransport: FrameTransport {
  private(set) var sent: [[UInt8]] = []
  /// When each frame was sent, in milliseconds since the first.
  private(set) var sentMilliseconds: [UInt64] = []
  private var firstNanoseconds: UInt64?
  private var answers: [[UInt8]] = []
  private let time: FakeTime
  private let answer: ([UInt8], Int) -> [UInt8]?

  /// - Parameter answer: Returns the answer to a frame, given its bytes and the number of frames
  ///   before it.
  init(time: FakeTime, answer: @escaping ([UInt8], Int) -> [UInt8]? = { _, _ in nil }) {
    self.time = time
    self.answer = answer
  }

  func send(_ frame: [UInt8]) -> Bool {
    if let answer = answer(frame, sent.count) { answers.append(answer) }
    sent.append(frame)
    let first = firstNanoseconds ?? time.now
    firstNanoseconds = first
    sentMilliseconds.append((time.now - first) / 1_000_000)
    return true
  }

  func receive(withinMilliseconds: Int) -> [UInt8]? {
    if !answers.isEmpty { return answers.removeFirst() }
    time.advance(milliseconds: withinMilliseconds)
    return nil
  }
}

extension Settings {
  /// Default settings with changes.
  static func make(
    _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Settings {
    var configuration = Configuration()
    configuration.collectsProcessMetrics = false
    change(&configuration)
    return try Settings(configuration)
  }
}
