import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirConfiguration
import WeirGroups
import WeirMetrics
import WeirState

/// The state directory of a start, and what its file holds.
///
///     open ─▶ read ─▶ scan ─▶ image ─▶ (owners are made) ─▶ restore ─▶ (sockets are bound) ─▶ first base
///               │       │       │
///               └───────┴───────┴── damaged, newer or foreign: set aside, start without
struct OpenedState: Sendable {
  private let directory: StateDirectory
  private let options: Options.State
  private var image: StateImage?
  private let log: Log
  private let clock: @Sendable () -> StateClock
  private let begun = ContinuousClock.now
  private var start = StateStart()
  /// Whether the file holds what this Weir does not go on from.
  private var isUnused = false
  /// How long no Weir was running; nil without a file.
  private var downtime: StateDowntime?

  /// Locks the directory, and reads the file.
  ///
  /// - Returns: Nil without `--state.dir`.
  /// - Throws: `StartError` if the directory can't be used.
  init?(
    _ options: Options.State, log: Log, clock: @escaping @Sendable () -> StateClock
  ) throws(StartError) {
    guard let path = options.directory else { return nil }
    self.options = options
    self.log = log
    self.clock = clock
    let directory = try startStep { () throws(StateError) in
      try StateDirectory.open(path)
    }
    self.directory = directory
    for warning in directory.warnings {
      log.warn("the state directory is not safe", ["mistake": .text(warning)])
    }
    image = try OpenedState.read(directory, into: &start, log: log, clock)
    downtime = image?.times.map { StateDowntime(since: StateClock($0), until: clock()) }
    if case .unknown(let sentence)? = downtime {
      start.clockJumps = 1
      log.warn(
        "the clock jumped while Weir was not running, so its memory of instances begins now",
        ["error": .text(sentence)])
    }
  }

  /// What the file holds; nil if there is none, or it was set aside.
  private static func read(
    _ directory: StateDirectory, into start: inout StateStart, log: Log,
    _ clock: () -> StateClock
  ) throws(StartError) -> StateImage? {
    let read = try startStep { () throws(StateError) in try directory.read() }
    guard let bytes = read else { return nil }
    let scan = StateScan(bytes.span)
    let (reason, cause): (StateDirectory.Reason, String)
    switch scan.verdict {
    case .whole, .tornEnd, .empty:
      if case .tornEnd(let count) = scan.verdict {
        start.tornBytes = count
        log.warn(
          "the end of the state file was not committed and is dropped; no scrape has shown it",
          ["bytes": .init(count)])
      }
      let image = StateImage(scan, bytes)
      guard let damage = image.damage else { return image.times == nil ? nil : image }
      (reason, cause) = (.damaged, damage)
    case .damaged(let sentence): (reason, cause) = (.damaged, sentence)
    case .newer(let version):
      (reason, cause) = (.newer(version: version), "a newer Weir wrote it, in version \(version)")
    case .foreign: (reason, cause) = (.foreign, "it is not a state file")
    }
    let path = try startStep { () throws(StateError) in
      try directory.setAside(reason, at: Int(clock().wallMilliseconds / 1_000))
    }
    start.setAside = 1
    log.error(
      "the state file can't be used and is set aside: Weir starts without it, and counters begin at 0",
      ["error": .text(cause), "file": .text(path)])
    return nil
  }

  /// The second from which Weir's clock goes on.
  var startSecond: UInt32 { image?.times?.second ?? 0 }

  var keySeed: KeyStream? { image?.key }

  /// For how long Weir has known instances, in milliseconds; 0 if its memory begins now.
  var memoryMilliseconds: UInt64 {
    guard case .lasted(let milliseconds)? = downtime, let times = image?.times else { return 0 }
    let (sum, overflow) = times.memoryMilliseconds.addingReportingOverflow(milliseconds)
    // A damaged time must not make Weir believe that it knows everybody.
    return overflow ? 0 : sum
  }

  /// The path of the directory, and an identity that a copy of it does not have.
  var place: String { directory.placeIdentity }

  /// The instance as which this Weir has forwarded, with its age as of now; nil if the file has none, or was
  /// written at another place.
  var forwarder: StateForwarder? {
    guard var forwarder = image?.forwarder, forwarder.place == place else { return nil }
    if case .lasted(let milliseconds)? = downtime { forwarder.ageMilliseconds &+= milliseconds }
    return forwarder
  }

  /// Whether the file holds anything.
  var isEmpty: Bool { image == nil }

  /// Begins without what the file holds. `begin` sets the file aside.
  mutating func startEmpty(because sentence: String) {
    log.warn("the state is not used, and counts begin at 0", ["cause": .text(sentence)])
    isUnused = isUnused || image != nil
    image = nil
    downtime = nil
    start = StateStart()
  }

  /// Puts what the file holds into `owners` and their aggregator.
  ///
  /// - Returns: Whether nothing is missing.
  mutating func restore(into owners: Owners) -> Bool {
    guard let image else { return true }
    restore(image, into: owners, &start)
    return start.lost.allSatisfy { $0.count == 0 }
  }

  /// Puts the pushed groups of the file into `gateway`, when the series are there.
  func restore(into gateway: Pushgateway, limits: SeriesLimits) {
    guard let payloads = image?.groupPayloads, !payloads.isEmpty else { return }
    let (restored, lost) = gateway.restore(payloads, limits: limits)
    log.info(
      "pushed groups are restored", ["groups": .init(restored), "not_restored": .init(lost)])
  }

  /// What the file says of pushes to CloudWatch; empty if it says nothing.
  var cloudWatchPayloads: [[UInt8]] { image?.cloudWatchPayloads ?? [] }

  /// What keeps the file up to date after `begin`.
  func keeper(
    of owners: Owners, groups: PushedGroups? = nil, ledger: CloudWatchLedger? = nil,
    forwarder: ForwarderInstance? = nil
  ) -> StateKeeper {
    let worker = StateWorker(
      source: OwnersStateSource(
        owners, groups: groups, ledger: ledger, forwarder: forwarder, clock: clock),
      disk: FileStateDisk(directory))
    var limits = StateLimits()
    limits.interval = .seconds(Int(options.intervalSeconds))
    return StateKeeper(
      worker, limits: limits, serves: options.onError == .serve, log: log,
      remove: { [directory] in try directory.remove() })
  }

  /// Lets `keeper` write a first base, and keep it up to date from now on.
  ///
  /// - Throws: `StartError` if the base can't be written.
  func begin(_ keeper: StateKeeper) throws(StartError) {
    var start = start
    // Not earlier, because a start that fails before should change nothing.
    if isUnused {
      let path = try startStep { () throws(StateError) in
        try directory.setAside(.unused, at: Int(clock().wallMilliseconds / 1_000))
      }
      start.setAside = 1
      log.warn("the state that is not used is set aside", ["file": .text(path)])
    }
    do {
      try keeper.begin(start)
    } catch {
      throw StartError(
        description: "--state.dir: the state can't be written: \(error); free or repair the disk, "
          + "or leave the flag out")
    }
    report(start)
  }

  /// - Precondition: the image has no damage; `read` has set such a file aside.
  private func restore(_ image: StateImage, into owners: Owners, _ start: inout StateStart) {
    let restored = owners.restore(image)
    if case .lasted? = downtime, let times = image.times {
      owners.restore(forgottenMilliseconds: times.forgottenMilliseconds)
    }
    start.series = restored.series
    start.instances = restored.owners
    start.lost = [
      ("changed", restored.changed), ("limit", restored.refusedByLimits),
      ("clash", restored.clashes), ("instance", restored.ownersRefused),
    ]
    start.limitsExceeded = LimitName.allCases.filter { restored.refused(by: $0) > 0 }
      .map { "\($0.label)" }
  }

  /// One line about what the start has made of the file.
  private func report(_ start: StateStart) {
    let milliseconds = Int((ContinuousClock.now - begun) / .milliseconds(1))
    guard image != nil else {
      return log.info(
        "the state begins empty",
        ["dir": .text(directory.path), "milliseconds": .init(milliseconds)])
    }
    let age: Log.Value =
      if case .lasted(let milliseconds)? = downtime { .number(Double(milliseconds) / 1_000) } else {
        .text("unknown")
      }
    let limits = start.limitsExceeded.joined(separator: ", ")
    let lost = start.lost.filter { $0.count > 0 }.map { reason, count in
      "\(count) \(reason)" + (reason == "limit" ? " (\(limits))" : "")
    }
    log.info(
      "the state is restored",
      [
        "dir": .text(directory.path), "series": .init(start.series),
        "instances": .init(start.instances), "age_seconds": age,
        "milliseconds": .init(milliseconds),
        "not_restored": .text(lost.isEmpty ? "nothing" : lost.joined(separator: ", ")),
      ])
  }
}

extension StateClock {
  init(_ times: StateTimes) {
    self.init(
      wallMilliseconds: times.wallMilliseconds, bootMilliseconds: times.bootMilliseconds,
      bootID: times.bootID)
  }
}
