import WeirForwarding

@testable import WeirDaemon

/// A next hop that keeps what it gets, and answers as it is told.
actor FakeHop: NextHop {
  private let desk: ForwardDesk
  private(set) var batches: [FrameBatch] = []
  private var answers: Bool
  private let takes: Int
  /// Batches that it does not answer yet.
  private var unanswered = 0

  /// - Parameter takes: The most frames that it takes at once.
  init(_ desk: ForwardDesk, answers: Bool = true, takes: Int = .max) {
    self.desk = desk
    self.answers = answers
    self.takes = takes
  }

  func send(_ batch: FrameBatch) async -> Int {
    batches.append(batch)
    let taken = batch.names.prefix(takes)
    unanswered -= 1
    if answers, unanswered < 0 { desk.hearAll(Array(taken)) }
    return taken.count
  }

  func stop() {}

  /// Answers from now on, or no more.
  func answer(_ answers: Bool) { self.answers = answers }

  /// Answers, but for the next batches.
  func answer(after batches: Int) { (answers, unanswered) = (true, batches) }

  var frames: [[UInt8]] {
    batches.flatMap { batch in (0..<batch.count).map { Array(batch.bytes[batch.range(of: $0)]) } }
  }

  var sequences: [UInt64] { batches.flatMap { $0.names.map(\.sequence) } }
}
