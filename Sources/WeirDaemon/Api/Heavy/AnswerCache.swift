import WeirBytes
import WeirJSON

/// The last answers to heavy questions, for some seconds.
struct AnswerCache: Sendable {
  /// The most answers, and the most bytes of all of them.
  static let answersMax = 16
  static let bytesMax = 4 << 20

  private struct Answer {
    let json: JSONWriter
    let made: ContinuousClock.Instant
    let end: ContinuousClock.Instant
  }

  private final class Storage: Sendable {
    let answers = Locked<[String: Answer]>([:])
  }

  private let storage = Storage()

  /// An answer that is not too old, and when it was made.
  func answer(
    to question: String, at now: ContinuousClock.Instant
  ) -> (json: JSONWriter, made: ContinuousClock.Instant)? {
    storage.answers.withLock { answers in
      guard let answer = answers[question], now < answer.end else { return nil }
      return (answer.json, answer.made)
    }
  }

  /// Keeps an answer; the oldest ones make room for it.
  func keep(
    _ json: JSONWriter, of question: String, made: ContinuousClock.Instant, for life: Duration
  ) {
    storage.answers.withLock { answers in
      answers[question] = nil
      answers = answers.filter { $0.value.end > made }
      func isFull() -> Bool {
        answers.count >= AnswerCache.answersMax
          || answers.values.reduce(json.bytes.count) { $0 + $1.json.bytes.count }
            > AnswerCache.bytesMax
      }
      while isFull(), let oldest = answers.min(by: { $0.value.made < $1.value.made }) {
        answers[oldest.key] = nil
      }
      answers[question] = Answer(json: json, made: made, end: made + life)
    }
  }
}
