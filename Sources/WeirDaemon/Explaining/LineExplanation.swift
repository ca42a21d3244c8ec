import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMapping
import WeirMetrics
import WeirWire

/// How Weir reads a line, and what comes of it, for `weir explain`.
struct LineExplanation {
  /// What is said of the line, without the line itself.
  private(set) var sentences: [String] = []
  /// Whether all of it is accepted. A sample that a rule drops is.
  private(set) var isAccepted = true
  /// The samples that are applied to a series.
  private(set) var samples: [ReadSample] = []

  /// What decides how lines are read: flags and the mapping file.
  struct Reading {
    let options: StatsDOptions
    let names: NameStyle
    let limits: SeriesLimits
    let rules: SeriesRules
    /// Nil without a mapping file.
    let mapping: MappingRules?

    init(_ options: Options, mapping: MappingRules?) {
      self.options = options.statsd.lines(at: options.statsd.listenUDP.first ?? "")
      names = options.statsd.names
      limits = options.limits
      rules = options.rulesInForce
      self.mapping = mapping
    }
  }

  init(_ line: [UInt8], _ reading: Reading) {
    var batch = SampleBatch()
    StatsDDecoder(options: reading.options).decode(
      line.span, from: 0, to: line.count, into: &batch)
    if batch.lines == 0 { sentences.append("an empty line, which means nothing") }
    if batch.events > 0 { sentences.append("an event, which is counted and not kept") }
    if batch.serviceChecks > 0 {
      sentences.append("a service check, which is counted and not kept")
    }
    for index in batch.samples.indices { explain(index, &batch, line, reading) }
    for refusal in batch.refusals.last {
      refuse(
        refusal.reason, Array(line[refusal.lineStart..<refusal.lineEnd]), reading.options)
    }
  }

  private mutating func refuse(_ refusal: Refusal, _ line: [UInt8], _ options: StatsDOptions) {
    isAccepted = false
    var sentence = "refused, \(refusal.label): \(refusal.sentence)"
    if let place = RefusedPlace(refusal, in: line, options: options)?.range {
      let text = ShownText.of(Array(line[place]))
      sentence +=
        place.isEmpty
        ? "; see byte \(place.lowerBound + 1), where the line ends"
        : "; see byte \(place.lowerBound + 1): \"\(text)\""
    }
    sentences.append(sentence)
  }

  private mutating func explain(
    _ index: Int, _ batch: inout SampleBatch, _ line: [UInt8], _ reading: Reading
  ) {
    var sample = batch.samples[index]
    let own = Array(line[Int(sample.nameStart)..<Int(sample.lineEnd)])
    sentences.append(values(sample, batch))
    let reader = StatsDIdentityReader(options: reading.options)
    var builder = SeriesBuilder(
      limits: reading.limits, rules: reading.rules, names: reading.names)
    var renamed: RenamedIdentity?
    do throws(Refusal) {
      let identity = try reader.identity(of: sample, in: line.span)
      var kind = sample.sentKind
      var asked = AskedClass.nothing
      if let mapping = reading.mapping {
        let name = (Array(identity.name) + Array(identity.nameRest)).map { line[$0] }
        switch mapping.outcome(of: name.span, kind: kind) {
        case .unmapped: sentences.append("no mapping rule matches")
        case .dropped(let rule):
          sentences.append("the rule on line \(rule.content.line): \(rule.shown)")
          return
        case .mapped(let mapped):
          sentences.append("the rule on line \(mapped.rule.content.line): \(mapped.rule.shown)")
        }
        switch mapping.verdict(on: identity, kind: kind, in: line.span) {
        case .asSent(let settings): asked = settings
        case .dropped: return
        case .renamed(let identity):
          renamed = identity
          kind = identity.kind
          asked = identity.asked
        }
      }
      try reader.spell(
        identity, as: renamed, kind: kind, asked: asked, in: line.span, into: &builder)
      try change(&sample, &batch, to: renamed)
      let spelled = Array(builder.series[..<builder.nameLength])
      if Self.isReserved(spelled, hasLabels: builder.hasLabels) { throw .reservedName }
      let name = SpelledName.raw(spelled)
      let seriesClass = reading.rules.seriesClass(of: kind, named: name, asked: asked)
      sentences.append(
        "series \(ShownText.of(builder.series)): \(seriesClass.sentence)")
      samples.append(
        ReadSample(
          spelling: builder.series, nameLength: builder.nameLength, kind: seriesClass.kind,
          values: numbers(of: sample, batch), weight: sample.weight,
          isRelative: sample.isRelative))
      if builder.tagsDropped > 0 {
        sentences.append(
          "\(CountText.counted(builder.tagsDropped, "tag is", "tags are")) dropped: empty, "
            + "without a value, or given twice")
      }
    } catch {
      if renamed != nil, error == .emptyName { return refuseEmptyName() }
      refuse(error, own, reading.options)
    }
  }

  /// No byte of the line is wrong.
  private mutating func refuseEmptyName() {
    isAccepted = false
    sentences.append("refused, \(Refusal.emptyName.label): the name that the rule gives is empty")
  }

  /// Whether Weir or Prometheus has series of the name.
  private static func isReserved(_ name: [UInt8], hasLabels: Bool) -> Bool {
    Aggregator.isReserved(name)
      || !hasLabels && ProcessFamily.all.contains { name.elementsEqual($0.name.utf8) }
  }

  /// Changes values as the rule says, and says so.
  private mutating func change(
    _ sample: inout Sample, _ batch: inout SampleBatch, to renamed: RenamedIdentity?
  ) throws(Refusal) {
    let change = SampleChange(renamed, sentKind: sample.sentKind)
    if let change {
      if let refusal = change.apply(to: &sample, &batch.values) { throw refusal }
      sentences.append("which makes it \(values(sample, batch))")
    } else if sample.isNegative {
      throw .negativeCounter
    }
  }

  private func numbers(of sample: Sample, _ batch: borrowing SampleBatch) -> [Double] {
    let first = Int(sample.firstValue)
    return (first..<first + Int(sample.valueCount)).map { batch.values[$0] }
  }

  /// `a counter, 3`
  private func values(_ sample: Sample, _ batch: borrowing SampleBatch) -> String {
    guard sample.kind != .set else { return "a member of a set" }
    let values = numbers(of: sample, batch)
    let text = values.map { "\($0)" }.joined(separator: ", ")
    let weight = sample.weight == 1 ? "" : ", each with the weight \(sample.weight)"
    switch sample.kind {
    case .counter: return "a counter, plus \(text)"
    case .gauge:
      return sample.isRelative ? "a gauge, changed by \(text)" : "a gauge, set to \(text)"
    case .histogram:
      return "\(values.count == 1 ? "an observation" : "observations"), \(text)\(weight)"
    case .set: return "a member of a set"
    }
  }
}

extension SeriesClass {
  /// What it is, and how it is kept.
  fileprivate var sentence: String {
    let lifetime =
      lifetimeSeconds.map { ", removed \($0) s after its last update" } ?? ", kept for ever"
    if kind == .set {
      let window =
        sets.windowSeconds == 0 ? "since the start" : "of the last \(sets.windowSeconds) s"
      return "a set of members \(window)\(lifetime)"
    }
    guard kind == .histogram else { return "a \(kind.label)\(lifetime)" }
    switch observer {
    case .buckets: return "a histogram with the bounds \(bounds)\(lifetime)"
    case .native(let options, let keepsBuckets):
      return "a native histogram of schema \(options.schema.number)"
        + (keepsBuckets ? " and the bounds \(bounds)" : "") + lifetime
    case .summary(let options):
      let quantiles = options.quantiles.map { "\($0)" }.joined(separator: " ")
      return
        "a summary of the last \(options.maxAgeSeconds) s with the quantiles \(quantiles)\(lifetime)"
    }
  }

  private var bounds: String { layout.upper.map { "\($0)" }.joined(separator: " ") }
}

extension Refusal {
  /// What is wrong, in words.
  var sentence: String {
    switch self {
    case .invalidUTF8: "the line is not UTF-8"
    case .emptyName: "there is no name"
    case .missingValue: "there is no value; write name:value|type"
    case .missingType: "there is no type; write |c, |g, |ms, |h, |d or |s after the value"
    case .unknownType: "the type is none of c g ms h d s"
    case .badValue: "the value is not a decimal number"
    case .notANumber: "the value is NaN"
    case .infinite: "the value is too large"
    case .negativeCounter: "a counter can't be decreased"
    case .badRate: "the sample rate is not a number"
    case .zeroRate: "the sample rate is 0"
    case .negativeRate: "the sample rate is below 0"
    case .rateAboveOne: "the sample rate is above 1"
    case .badTimestamp: "the timestamp is not a whole number"
    case .repeatedField: "the sample rate, or the tags, are there twice"
    case .mixedTagStyles: "there are tags in two styles"
    case .unclosedTags: "the bracket of the tags does not close, or there is a second one"
    case .taggedMultiSample: "a line with several samples can't have tags after them"
    case .typeClash: "the name has another type, or is one that a histogram makes"
    case .reservedName: "the name is Weir's own, or Prometheus' own"
    case .tooManyLabels: "there are more labels than --limit.labels-per-series allows"
    case .nameTooLong: "the name is longer than --limit.name-bytes allows"
    case .labelNameTooLong: "a label's name is longer than --limit.label-name-bytes allows"
    case .labelValueTooLong: "a label's value is longer than --limit.label-value-bytes allows"
    case .seriesTooLong: "name and labels are longer than --limit.series-bytes allows"
    case .tooManySeries, .tooManySeriesOfName, .tooManyNames, .tooManySets: "a limit is reached"
    case .lineTooLong: "the line is longer than a datagram can be"
    }
  }
}
