import WeirInsight

/// The history of several answers, of which all but the first have only what is new.
package struct KeptHistory: Sendable, Equatable {
  /// Steps that are kept.
  package static let stepsMax = 300

  package private(set) var stepSeconds = 1
  package private(set) var endMilliseconds = 0
  private var columns: [StatusAnswer.History.Column: [Double?]] = [:]

  package init() {}

  package init(_ answer: StatusAnswer) { take(answer) }

  /// Adds what an answer has. A whole history, one of another step, or one after a gap replaces what was kept.
  package mutating func take(_ answer: StatusAnswer) {
    let new = answer.history
    let step = max(1, new.stepSeconds)
    // The times are the server's, and may be any.
    let (gap, isTooLong) = new.endMilliseconds.subtractingReportingOverflow(endMilliseconds)
    let passed = isTooLong ? .max : gap / 1_000 / step
    let length = new.columns.values.reduce(0) { max($0, $1.count) }
    if answer.isFull || step != stepSeconds || passed < 0 || passed > length {
      if !answer.isFull, length == 0, passed >= 0 { return }
      columns = new.columns.mapValues { Array($0.suffix(KeptHistory.stepsMax)) }
    } else {
      for (column, values) in new.columns {
        let all = (columns[column] ?? []) + values.suffix(passed)
        columns[column] = Array(all.suffix(KeptHistory.stepsMax))
      }
    }
    stepSeconds = step
    endMilliseconds = new.endMilliseconds
  }

  package func values(_ column: StatusAnswer.History.Column) -> [Double?] { columns[column] ?? [] }

  /// The number of the last step.
  var end: Int { endMilliseconds / 1_000 / max(1, stepSeconds) }
}
