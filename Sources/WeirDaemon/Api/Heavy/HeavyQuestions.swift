import Glibc
import WeirAggregation
import WeirHTTP
import WeirJSON

/// What all heavy questions share: the gate, the clock, the bounds and the last answers.
struct HeavyQuestions: Sendable {
  let shown: ShownSeries
  let scraper: Scraper
  /// Lines a second of the names that are sampled.
  let rates: @Sendable () -> [[UInt8]: Double]
  let gate: HeavyGate
  let cache = AnswerCache()
  let now: @Sendable () -> ContinuousClock.Instant
  let unixMilliseconds: @Sendable () -> Int

  /// How long a question is worked on.
  static let deadlineSeconds = 2
  /// An answer is kept for this multiple of the time that it took, and for `keptMax` at most.
  static let keptTimesCost = 50
  static let keptMax = Duration.seconds(30)
  /// An answer has at most this many bytes.
  static let bytesMax = 1 << 20
  /// For what is at the end of an answer.
  static let endBytes = 1 << 10

  /// - Parameters:
  ///   - rates: By the name without quotes and escapes; empty if nothing is sampled.
  ///   - now: The clock of deadlines and ages.
  init(
    shown: ShownSeries, scraper: Scraper,
    rates: @escaping @Sendable () -> [[UInt8]: Double] = { [:] }, gate: HeavyGate = HeavyGate(),
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    unixMilliseconds: @escaping @Sendable () -> Int = { Log.wallClock().inMilliseconds }
  ) {
    self.shown = shown
    self.scraper = scraper
    self.rates = rates
    self.gate = gate
    self.now = now
    self.unixMilliseconds = unixMilliseconds
  }

  var aggregator: Aggregator { shown.aggregator }
  var owners: Owners { shown.owners }

  /// Answers a question, from the last answer to it if that is not too old.
  ///
  /// - Parameters:
  ///   - question: What tells it apart from all others.
  ///   - life: For how long its answer is kept, at least; zero if it is not kept. What takes long is kept longer,
  ///     so that a page that asks again and again does not take CPU from ingest.
  ///   - showsAge: Whether the answer ends with `age_seconds`.
  ///   - body: Makes the answer: an object that is not closed yet.
  func answer(
    _ question: String, life: Duration = .zero, showsAge: Bool = false,
    _ body: (HeavyWork) async throws(ApiFailure) -> JSONWriter
  ) async throws(ApiFailure) -> HTTPResponse {
    if let known = cache.answer(to: question, at: now()) { return finished(known, showsAge) }
    guard await gate.enter() else {
      throw ApiFailure(
        "another heavy question is being answered; ask again in a second", status: 503,
        retrySeconds: HeavyGate.waitSeconds)
    }
    defer { gate.leave() }
    // The question before may have been the same.
    if let known = cache.answer(to: question, at: now()) { return finished(known, showsAge) }
    let begun = now()
    let json = try await body(HeavyWork(self))
    let made = now()
    if life > .zero, !Task.isCancelled {
      let long = min((made - begun) * HeavyQuestions.keptTimesCost, HeavyQuestions.keptMax)
      cache.keep(json, of: question, made: made, for: max(life, long))
    }
    return finished((json, made), showsAge)
  }

  private func finished(
    _ answer: (json: JSONWriter, made: ContinuousClock.Instant), _ showsAge: Bool
  ) -> HTTPResponse {
    var json = answer.json
    if showsAge { json.field("age_seconds", Int((now() - answer.made).components.seconds)) }
    json.endObject()
    return .json(json)
  }
}

/// The work on one heavy question.
struct HeavyWork {
  private let questions: HeavyQuestions
  private let start: ContinuousClock.Instant

  init(_ questions: HeavyQuestions) {
    self.questions = questions
    start = questions.now()
  }

  /// A reader of at most so many series, until the deadline.
  func reader(seriesMax: Int) -> HeavyReader {
    HeavyReader(questions.aggregator, seriesMax: seriesMax, isLate: isLate)
  }

  /// Whether the deadline has come.
  var isLate: @Sendable () -> Bool {
    let deadline = start + .seconds(HeavyQuestions.deadlineSeconds)
    let now = questions.now
    return { now() >= deadline }
  }

  var countedSeconds: Double {
    let (seconds, attoseconds) = (questions.now() - start).components
    return Double(seconds) + (Double(attoseconds) / 1e15).rounded() / 1_000
  }
}

extension JSONWriter {
  /// Appends a row of an answer, if the answer stays within its bound.
  ///
  /// - Returns: Whether it was appended.
  mutating func row(_ body: (inout JSONWriter) -> Void) -> Bool {
    var row = JSONWriter()
    body(&row)
    guard bytes.count + row.bytes.count + HeavyQuestions.endBytes <= HeavyQuestions.bytesMax else {
      return false
    }
    value(row)
    return true
  }
}
