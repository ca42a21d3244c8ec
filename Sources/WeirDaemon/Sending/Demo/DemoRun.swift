import WeirBytes
import WeirConfiguration

/// `weir send --demo=gateway`: simulates the fleet in real time, until its end or a signal.
struct DemoRun {
  /// The length of a step in seconds: a flood of requests is spread over the second.
  static let step = 0.02
  /// How late the simulation may be. What a slow machine, or one that was suspended, can't do is left out.
  static let lagMax = 1.0
  static let reportInterval = 60.0
  /// By which the arrival of requests is checked.
  static let counted = "llm_requests_total"

  private let plan: SendPlan
  private let reader: MetricsReader?
  private let output: CommandOutput
  private let stop: StopRequest

  init(
    _ plan: SendPlan, _ reader: MetricsReader?, _ output: CommandOutput,
    stop: StopRequest = StopRequest()
  ) {
    self.plan = plan
    self.reader = reader
    self.output = output
    self.stop = stop
  }

  func run() async throws {
    let send = plan.options.send
    let instances = send.instances ?? Options.Send.instancesByDefault
    let perSecond = send.perSecond ?? Options.Send.requestsPerSecondByDefault
    var fleet = GatewayFleet(instances: instances, perSecond: perSecond, seconds: send.seconds)
    let before = try reader?.read([Array(DemoRun.counted.utf8)])
    var sender = try DemoSender(plan.target, plan.options)
    try output.write(
      "a gateway of \(CountText.counted(instances, "instance")) with \(perSecond) "
        + "requests a second, as \(send.pushes ? "frames" : "lines") to \(plan.target), for "
        + "\(TimeSpan.text(seconds: send.seconds)); Ctrl-C ends it\n")
    for trouble in GatewayPlan.Trouble.allCases {
      try say(.begins(trouble), at: fleet.plan.range(of: trouble).lowerBound, "  at ")
    }
    let isStopped = Locked(false)
    let signals = await StopSignal(stop)
    let waiter = Task {
      _ = await signals.first()
      isStopped.withLock { $0 = true }
    }
    try await simulate(&fleet, &sender, isStopped)
    // It waits for a signal.
    stop.send("the end")
    await waiter.value
    try sender.finish()
    try await report(fleet, sender, before)
  }

  private func simulate(
    _ fleet: inout GatewayFleet, _ sender: inout DemoSender, _ isStopped: borrowing Locked<Bool>
  ) async throws {
    let began = ContinuousClock.now
    var nextReport = DemoRun.reportInterval
    var wasRefused = false
    while !isStopped.withLock({ $0 }), fleet.time < fleet.plan.seconds {
      let passed = (ContinuousClock.now - began) / .seconds(1)
      var recorded: [(instance: Int, sample: GatewaySample)] = []
      var events = fleet.skip(to: passed - DemoRun.lagMax) { recorded.append(($0, $1)) }
      events += fleet.advance(to: min(passed, fleet.time + DemoRun.step)) {
        recorded.append(($0, $1))
      }
      for event in events { try say(event, at: fleet.time) }
      try sender.send(recorded, at: fleet.time, alive: Set(fleet.instances.map(\.number)))
      if sender.isRefused, !wasRefused {
        wasRefused = true
        try output.write(
          "nobody listens at \(plan.target): its host has answered that the port is closed; going on\n"
        )
      }
      if fleet.time >= nextReport {
        try output.write("\(clock(fleet.time)): \(fleet.requests) requests\n")
        nextReport += DemoRun.reportInterval
      }
      if fleet.time >= passed {
        try await Task.sleep(for: .seconds(DemoRun.step))
      } else {
        await Task.yield()
      }
    }
  }

  private func say(_ event: GatewayFleet.Event, at time: Double, _ start: String = "") throws {
    try output.write("\(start)\(clock(time)): \(event.sentence)\n")
  }

  private func clock(_ seconds: Double) -> String {
    seconds < 1 ? "0s" : TimeSpan.text(seconds: Int(seconds.rounded()))
  }

  private func report(
    _ fleet: GatewayFleet, _ sender: DemoSender, _ before: PageValues?
  ) async throws {
    var sentence = "sent \(fleet.requests) requests in \(sender.packets) "
    sentence +=
      plan.options.send.pushes
      ? "frames"
      : "datagrams with \(sender.lines) lines, of which the kernel refused \(sender.packetsLost) datagrams"
    try output.write(sentence + "\n")
    if fleet.requestsSkipped >= 1 {
      try output.write(
        "this machine could not simulate \(Int(fleet.requestsSkipped)) requests in time; they were left out\n"
      )
    }
    if sender.requestsUnsent > 0 {
      try output.write(
        "an instance has died with \(ArrivalCheck.text(sender.requestsUnsent)) requests that it had not "
          + "pushed\n")
    }
    guard let reader, let before else {
      guard sender.unconfirmed == 0, sender.packetsLost == 0 else {
        throw CommandFailure.trouble("not everything could be sent")
      }
      return
    }
    let old = before.sum(of: DemoRun.counted) ?? 0
    let sent = Double(fleet.requests) - sender.requestsUnsent
    let end = ContinuousClock.now + ArrivalCheck.limit
    var page = try reader.read([Array(DemoRun.counted.utf8)])
    while (page.sum(of: DemoRun.counted) ?? 0) - old < sent, ContinuousClock.now < end {
      try await Task.sleep(for: ArrivalCheck.pauseLast)
      page = try reader.read([Array(DemoRun.counted.utf8)])
    }
    let new = page.sum(of: DemoRun.counted) ?? 0
    let arrow = EnvironmentVariable.isUTF8 ? "→" : "->"
    try output.write(
      "arrived: the sum of \(DemoRun.counted) \(ArrivalCheck.text(old)) \(arrow) "
        + "\(ArrivalCheck.text(new))\n")
    guard new - old < sent else { return }
    let check = ArrivalCheck([], before: before, arrow: arrow)
    let isAllThere =
      plan.options.send.pushes
      ? sender.unconfirmed == 0
      : sender.packetsLost == 0 && check.hasAccepted(sender.lines, page)
    if isAllThere {
      try output.write(
        "all of it has arrived; less is shown, because new series are 0 at first "
          + "(--series.zero-first), or because of a mapping file\n")
      return
    }
    for cause in check.causes(page, isRefused: sender.isRefused, lines: 0) {
      try output.write("  \(cause)\n")
    }
    throw CommandFailure.trouble(
      "\(ArrivalCheck.text(sent - (new - old))) of \(ArrivalCheck.text(sent)) requests have not arrived"
    )
  }
}
