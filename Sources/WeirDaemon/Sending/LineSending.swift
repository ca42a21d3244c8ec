import WeirBytes
import WeirConfiguration
import WeirPush

/// Explains lines, sends them, and looks for them in Weir: some lines at a time.
///
///     lines ──▶ LineExplanation ──▶ accepted ──▶ datagrams or frames ──▶ Weir
///                     │                                                   │
///                 sentences        MetricsReader: before … after ◀────────┘
struct LineSending {
  /// Lines that are sent and looked for at a time, and their bytes: their names are in one request.
  static let linesMax = 100
  static let bytesMax = 2_048

  /// How lines go to Weir.
  private enum Way {
    case lines(SendSocket)
    case frames(FrameSender)
  }

  private let target: SendTarget
  private let reading: LineExplanation.Reading
  private let reader: MetricsReader?
  private let output: CommandOutput
  private let arrow: String
  private let perSecond: Int
  private let limit: Duration
  private let began = ContinuousClock.now
  private var way: Way
  private var linesSent = 0
  private var linesRefused = 0
  private var seriesUnseen = 0
  private var packetsLost = 0

  init(_ plan: SendPlan, _ reader: MetricsReader?, _ output: CommandOutput) throws {
    let options = plan.options
    target = plan.target
    self.reader = reader
    self.output = output
    arrow = EnvironmentVariable.isUTF8 ? "→" : "->"
    perSecond = options.send.perSecond ?? Options.Send.linesPerSecondByDefault
    limit = .seconds(options.send.seconds)
    // Mapping rules do not apply to pushed metrics.
    let mapping = options.send.pushes ? nil : try SendCommand.mapping(options, output)
    reading = LineExplanation.Reading(options, mapping: mapping)
    if options.send.pushes {
      way = .frames(
        try FrameSender(to: target.description, key: try FrameSender.key(options.push)))
    } else {
      way = .lines(try SendSocket(target))
    }
  }

  /// Sends lines, as many at a time as one request can ask for.
  mutating func send(_ lines: [[UInt8]]) async throws {
    var rest = lines[...]
    while !rest.isEmpty {
      var some: [[UInt8]] = []
      while let line = rest.first, hasRoom(some, for: line) {
        some.append(line)
        rest.removeFirst()
      }
      try await sendSome(some)
    }
  }

  /// Sends the lines of an input as they come, until its end.
  mutating func send(from input: LineInput) async throws {
    var input = input
    var line = try input.next()
    while let first = line {
      var some = [first]
      line = nil
      var isWaiting = false
      while true {
        guard input.hasLine else {
          isWaiting = true
          break
        }
        line = try input.next()
        guard let next = line, hasRoom(some, for: next) else { break }
        some.append(next)
      }
      try await sendSome(some)
      if isWaiting { line = try input.next() }
    }
  }

  /// A tenth of a second's lines at a time, so that the rate holds.
  private func hasRoom(_ lines: [[UInt8]], for line: [UInt8]) -> Bool {
    lines.isEmpty
      || lines.count < min(LineSending.linesMax, perSecond / 10)
        && lines.reduce(line.count) { $0 + $1.count } <= LineSending.bytesMax
  }

  private mutating func sendSome(_ lines: [[UInt8]]) async throws {
    guard ContinuousClock.now - began < limit else {
      throw CommandFailure.trouble(
        "stopped after \(TimeSpan.text(seconds: Int(limit.components.seconds))), and not all lines are "
          + "sent; write a longer time with --for")
    }
    var accepted: [[UInt8]] = []
    var samples: [ReadSample] = []
    for line in lines {
      let explanation = LineExplanation(line, reading)
      try output.write(ShownText.of(line) + "\n")
      for sentence in explanation.sentences { try output.write("  \(sentence)\n") }
      guard explanation.isAccepted else {
        linesRefused += 1
        continue
      }
      if !line.isEmpty { accepted.append(line) }
      samples += explanation.samples
    }
    guard !accepted.isEmpty else { return }
    let series = SentSeries.all(of: samples)
    let names = Array(Set(series.map(\.name))).sorted { $0.lexicographicallyPrecedes($1) }
    let before = try reader?.read(names)
    let start = ContinuousClock.now
    let isConfirmed = try sendNow(accepted, samples)
    if let reader, let before {
      var check = ArrivalCheck(series, before: before, arrow: arrow)
      let page = try await look(
        for: &check, names, reader, since: start, isConfirmed: isConfirmed)
      try report(check, page, lines: accepted.count)
    }
    // What all lines so far may take at this rate.
    let pace = min(
      began + .seconds(1) * (Double(linesSent) / Double(perSecond)), began + limit)
    if pace > .now { try await Task.sleep(until: pace, clock: .continuous) }
  }

  /// Sends lines, or their samples.
  ///
  /// - Returns: Whether Weir has confirmed them.
  private mutating func sendNow(_ lines: [[UInt8]], _ samples: [ReadSample]) throws -> Bool {
    linesSent += lines.count
    var text = "sent \(CountText.counted(lines.count, "line")) to \(target) in "
    var isConfirmed = false
    switch way {
    case .lines(var socket):
      var packed = LineDatagrams()
      for line in lines { packed.append(line) }
      defer { way = .lines(socket) }
      for datagram in packed.datagrams {
        if try !socket.send(datagram) { packetsLost += 1 }
      }
      text += CountText.counted(packed.datagrams.count, "datagram")
    case .frames(let sender):
      let frames = try sender.frames(samples.flatMap(\.records), flags: .confirm)
      let confirmed = sender.deliver(frames, within: ArrivalCheck.limit)
      packetsLost += frames.count - confirmed
      isConfirmed = confirmed == frames.count
      text +=
        "\(CountText.counted(frames.count, "frame")), of which weir has confirmed \(confirmed)"
    }
    try output.write(text + "\n")
    return isConfirmed
  }

  /// Asks until all series are seen, or the time is over.
  ///
  /// - Returns: The last page.
  private func look(
    for check: inout ArrivalCheck, _ names: [[UInt8]], _ reader: MetricsReader,
    since start: ContinuousClock.Instant, isConfirmed: Bool
  ) async throws -> PageValues {
    var pause = ArrivalCheck.pauseFirst
    while true {
      let page = try reader.read(names)
      let passed = ContinuousClock.now - start
      let milliseconds = Int(passed / .milliseconds(1))
      for sentence in check.take(
        page, afterMilliseconds: milliseconds, isConfirmed: isConfirmed)
      {
        try output.write(sentence + "\n")
      }
      if check.waiting.isEmpty || passed >= ArrivalCheck.limit { return page }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, ArrivalCheck.pauseLast)
    }
  }

  private mutating func report(_ check: ArrivalCheck, _ page: PageValues, lines: Int) throws {
    guard !check.waiting.isEmpty else { return }
    seriesUnseen += check.waiting.count
    for series in check.waiting {
      let shown = page[series.line].map { ", which is \(ArrivalCheck.text($0))" } ?? ""
      try output.write(
        "sent, not seen within \(ArrivalCheck.limit.components.seconds) s: "
          + "\(ShownText.of(series.line))\(shown)\n")
    }
    let causes: [String]
    switch way {
    case .lines(var socket):
      socket.lookForRefusal()
      way = .lines(socket)
      causes = check.causes(page, isRefused: socket.isRefused, lines: lines)
    case .frames: causes = check.causes(page, isRefused: false, lines: 0)
    }
    for cause in causes { try output.write("  \(cause)\n") }
    if causes.isEmpty { try output.write("  weir has received something since, but not this\n") }
  }

  /// - Throws: `CommandFailure` unless everything was accepted, and has arrived if that was asked.
  func finish() throws {
    var troubles: [String] = []
    if linesRefused > 0 {
      troubles.append(
        "\(CountText.counted(linesRefused, "line is", "lines are")) refused, and not sent"
      )
    }
    if seriesUnseen > 0 { troubles.append("series that have not arrived as sent: \(seriesUnseen)") }
    if packetsLost > 0, seriesUnseen == 0 {
      troubles.append(
        "\(CountText.counted(packetsLost, "packet")) could not be sent, or were not confirmed")
    }
    guard troubles.isEmpty else { throw CommandFailure.trouble(troubles.joined(separator: "; ")) }
  }
}
