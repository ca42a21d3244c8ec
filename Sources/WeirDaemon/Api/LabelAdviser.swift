import WeirBytes
import WeirInsight

/// Finds which label makes the series of a name that takes much of a limit, so that a finding can say it.
///
/// It is a heavy question like those of the API: it waits for others, and is asked once a minute at most, while
/// there is such a name.
final class LabelAdviser: Sendable {
  struct Advice: Sendable {
    let label: String
    /// What would be left without the label.
    let sentence: String
  }

  /// The labels are counted again when the last count is older than this.
  private static let life = Duration.seconds(60)

  private struct State {
    /// The name that was asked for last, until it is answered.
    var wanted: [UInt8]?
    var name: [UInt8] = []
    var advice: Advice?
    var countedAt: ContinuousClock.Instant?
  }

  private let state = Locked(State())
  private let questions: HeavyQuestions

  init(_ questions: HeavyQuestions) { self.questions = questions }

  /// What is known of a name; it is counted by `work` if that is too old.
  ///
  /// - Parameter name: Without quotes and escapes.
  func advice(on name: [UInt8]) -> Advice? {
    let now = questions.now()
    return state.withLock { state in
      let isKnown = state.name == name
      if !isKnown || state.countedAt.map({ now - $0 >= LabelAdviser.life }) ?? true {
        state.wanted = name
      }
      return isKnown ? state.advice : nil
    }
  }

  /// Counts the labels of the name that was asked for, if there is one.
  ///
  /// - Complexity: O(bytes of its series), for 2 s at most.
  func work() async {
    guard let name = state.withLock({ $0.wanted }), await questions.gate.enter() else { return }
    defer { questions.gate.leave() }
    var advice: Advice?
    if let family = await NameLabels.family(name, questions) {
      advice = await NameLabels(of: family, HeavyWork(questions)).advice.map {
        Advice(label: $0.label, sentence: $0.sentence)
      }
    }
    let now = questions.now()
    state.withLock { state in
      state.wanted = nil
      state.name = name
      state.advice = advice
      state.countedAt = now
    }
  }
}
