/// The instances of a gateway to language models, and what they record, second by second.
///
/// It has no clock and no socket: the caller says how far it has come. The same seed gives the same numbers.
struct GatewayFleet {
  /// A language model that the gateway sends requests to.
  struct Model: Equatable {
    let provider: String
    let name: String
    /// Its share of all requests.
    let weight: Double
    /// The median duration of a request.
    let seconds: Double
  }

  /// The last one has no price in docs/prometheus.
  static let models = [
    Model(provider: "openai", name: "gpt-4o", weight: 35, seconds: 1.1),
    Model(provider: "openai", name: "gpt-4o-mini", weight: 20, seconds: 0.5),
    Model(provider: "anthropic", name: "sonnet", weight: 25, seconds: 1.3),
    Model(provider: "anthropic", name: "haiku", weight: 10, seconds: 0.4),
    Model(provider: "mistral", name: "large", weight: 10, seconds: 0.9),
  ]
  private static let endpoints = [
    (name: "/v1/chat", weight: 4.0), (name: "/v1/embeddings", weight: 1.0),
  ]
  /// How much slower the slow provider is.
  private static let slowness = 5.0
  private static let errorShare = 0.005
  private static let errorShareInTrouble = 0.25
  private static let limitedShare = 0.005
  private static let limitedShareInTrouble = 0.5

  let plan: GatewayPlan
  private let perSecond: Double
  private var random: GatewayRandom
  private(set) var instances: [GatewayInstance]
  private var started: Int
  /// The instance that leaks and dies, by its number.
  private let leaking = 1
  /// How far it has come, in seconds.
  private(set) var time = 0.0
  /// Requests that are due, of which a fraction is left over.
  private var due = 0.0
  private(set) var requests = 0
  /// Requests that were left out, because the caller was too late for them.
  private(set) var requestsSkipped = 0.0

  init(instances: Int, perSecond: Int, seconds: Int, seed: UInt64 = 1) {
    plan = GatewayPlan(seconds: Double(seconds))
    self.perSecond = Double(perSecond)
    random = GatewayRandom(seed: seed)
    self.instances = (1...instances).map { GatewayInstance(number: $0, start: 0) }
    started = instances
  }

  /// What happens at a time.
  enum Event: Equatable {
    case begins(GatewayPlan.Trouble)
    case ends(GatewayPlan.Trouble)
  }

  /// Goes on to a time, at most to the end of the plan.
  ///
  /// - Parameter record: Is given all that instances record, each with its number.
  /// - Returns: What has begun and ended.
  mutating func advance(
    to end: Double, _ record: (_ instance: Int, GatewaySample) -> Void
  ) -> [Event] {
    let before = time
    let events = go(to: end, record)
    // Without an instance, requests are lost before anybody counts them.
    due = instances.isEmpty ? 0 : due + perSecond * (time - before)
    while due >= 1 {
      due -= 1
      request(record)
    }
    return events
  }

  /// Goes on to a time without requests.
  mutating func skip(
    to end: Double, _ record: (_ instance: Int, GatewaySample) -> Void
  ) -> [Event] {
    let before = time
    let events = go(to: end, record)
    requestsSkipped += perSecond * (time - before)
    return events
  }

  /// What happens without requests: instances begin, end, and report.
  private mutating func go(
    to end: Double, _ record: (_ instance: Int, GatewaySample) -> Void
  ) -> [Event] {
    let end = min(end, plan.seconds)
    guard end > time else { return [] }
    let last = time
    time = end
    let events = GatewayPlan.Trouble.allCases.flatMap { trouble -> [Event] in
      let range = plan.range(of: trouble)
      return (last < range.lowerBound && range.lowerBound <= end ? [.begins(trouble)] : [])
        + (last < range.upperBound && range.upperBound <= end ? [.ends(trouble)] : [])
    }
    if events.contains(.ends(.leak)) { instances.removeAll { $0.number == leaking } }
    if events.contains(.ends(.absence)) {
      started += 1
      instances.append(GatewayInstance(number: started, start: end))
    }
    for index in instances.indices where instances[index].reportAt <= end {
      let isLeaking = instances[index].number == leaking
      let leak = isLeaking ? plan.leak(at: end) : 0
      for sample in instances[index].report(at: end, leak: leak, &random) {
        record(instances[index].number, sample)
      }
      instances[index].reportAt = end + GatewayInstance.reportInterval
    }
    return events
  }

  private mutating func request(_ record: (Int, GatewaySample) -> Void) {
    let index = Int.random(in: instances.indices, using: &random)
    instances[index].requests += 1
    let number = instances[index].number
    if random.happens(
      plan.has(.rateLimits, at: time)
        ? GatewayFleet.limitedShareInTrouble : GatewayFleet.limitedShare)
    {
      let endpoint = random.pick(GatewayFleet.endpoints) { $0.weight }
      record(number, GatewaySample("rate_limit_hits_total", ["endpoint": endpoint.name], .count(1)))
    }
    requests += 1
    let model = random.pick(GatewayFleet.models) { $0.weight }
    let isFailing = model.provider == "openai" && plan.has(.errors, at: time)
    let isError = random.happens(
      isFailing ? GatewayFleet.errorShareInTrouble : GatewayFleet.errorShare)
    let isSlow = model.provider == "anthropic" && plan.has(.slow, at: time)
    let seconds = random.logNormal(
      median: model.seconds * (isSlow ? GatewayFleet.slowness : 1), sigma: 0.5)
    record(
      number,
      GatewaySample(
        "llm_requests_total",
        [
          "provider": model.provider, "model": model.name, "status": isError ? "error" : "ok",
        ], .count(1)))
    record(
      number,
      GatewaySample(
        "llm_request_duration_seconds", ["provider": model.provider, "model": model.name],
        .observe((seconds * 1_000).rounded() / 1_000)))
    guard !isError else { return }
    for (type, median) in [("prompt", 400.0), ("completion", 180.0)] {
      record(
        number,
        GatewaySample(
          "llm_tokens_total",
          ["provider": model.provider, "model": model.name, "type": type],
          .count(random.logNormal(median: median, sigma: 0.6).rounded())))
    }
  }
}

extension GatewayFleet.Event {
  /// What has happened, as a sentence to show.
  var sentence: String {
    switch self {
    case .begins(.errors): "a quarter of openai's answers are errors"
    case .ends(.errors): "openai answers well again"
    case .begins(.rateLimits): "for each two requests, another one hits a rate limit"
    case .ends(.rateLimits): "hardly a request hits a rate limit any more"
    case .begins(.leak): "gateway-1 takes more and more memory"
    case .ends(.leak): "gateway-1 runs out of memory and dies"
    case .begins(.slow): "anthropic takes five times as long"
    case .ends(.slow): "anthropic is fast again"
    case .begins(.absence): "gateway-1 is missing"
    case .ends(.absence): "another instance takes its place"
    }
  }
}
