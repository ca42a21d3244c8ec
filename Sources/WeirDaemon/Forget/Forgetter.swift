import WeirAggregation
import WeirBytes
import WeirMetrics

/// Removes series at an operator's request.
struct Forgetter: Sendable {
  /// Selectors of one request.
  static let selectorsMax = 16
  /// Names that an answer lists.
  static let namesMax = 20

  let owners: Owners
  let log: Log
  /// Why this Weir forgets nothing, as one sentence; nil if it does. A Weir that forwards is asked in
  /// vain, because its series are elsewhere.
  var refusal: @Sendable () -> String? = { nil }

  /// What came of a request.
  enum Outcome: Sendable, Equatable {
    /// The lines to show, and how many series matched.
    case done(String, series: Int)
    /// The request is wrong.
    case mistake(String)
    /// This Weir does not do it.
    case refused(String)
  }

  /// - Parameter requester: Who asks, for the log.
  func forget(_ texts: [String], isDry: Bool, requester: String) -> Outcome {
    if let refusal = refusal() { return .refused(refusal) }
    guard !texts.isEmpty else {
      return .mistake("there is no selector; write match[]=name{label=\"value\"}")
    }
    guard texts.count <= Forgetter.selectorsMax else {
      return .mistake(
        "there are \(texts.count) selectors; write at most \(Forgetter.selectorsMax)")
    }
    let selectors: [SeriesSelector]
    do throws(SelectorMistake) {
      selectors = try texts.map { text throws(SelectorMistake) in try SeriesSelector(text) }
    } catch {
      return .mistake(error.description)
    }
    let forgotten = owners.forget(selectors, isDry: isDry)
    log.info(
      isDry ? "counted series to forget" : "forgot series",
      [
        "by": .text(requester), "selector": .text(texts.joined(separator: " ")),
        "series": .init(forgotten.count), "names": .init(forgotten.names.count),
      ])
    return .done(Self.text(forgotten, isDry: isDry), series: forgotten.count)
  }

  static func text(_ forgotten: ForgottenSeries, isDry: Bool) -> String {
    let names = forgotten.names
    var text =
      "\(isDry ? "would forget" : "forgot") \(CountText.groupedCount(forgotten.count, "series", "series")) of "
      + "\(CountText.groupedCount(names.count, "name"))\n"
    for (name, count) in names.prefix(namesMax) {
      text += "  \(String(decoding: name, as: UTF8.self))  \(CountText.grouped(count))\n"
    }
    if names.count > namesMax {
      text += "  and \(CountText.groupedCount(names.count - namesMax, "more name"))\n"
    }
    return text
  }
}
