import WeirConfiguration
import WeirPush

/// Sends what simulated instances record: as lines, or as frames of an instance each.
struct DemoSender {
  private enum Way {
    case lines(SendSocket)
    case frames([Int: Pusher], ForwardKey?)
  }

  /// An instance that pushes.
  private struct Pusher {
    let sender: FrameSender
    var totals = InstanceTotals()
    /// Requests of which it has pushed the total.
    var requestsPushed = 0.0
  }

  /// How often frames are sent, and a name is resolved again for lines.
  static let flushInterval = 1.0
  static let resolveInterval = 30.0

  private let target: SendTarget
  private var way: Way
  private var nextFlush = 0.0
  private var nextResolve = resolveInterval
  private(set) var lines = 0
  /// Datagrams and frames that were sent, and those that the kernel did not take.
  private(set) var packets = 0
  private(set) var packetsLost = 0
  /// Requests that an instance had not pushed when it died.
  private(set) var requestsUnsent = 0.0
  /// Frames at the end that were not confirmed.
  private(set) var unconfirmed = 0

  init(_ target: SendTarget, _ options: Options) throws {
    self.target = target
    way =
      options.send.pushes
      ? .frames([:], try FrameSender.key(options.push))
      : .lines(try SendSocket(target))
  }

  /// Whether the host has answered that nobody receives there.
  var isRefused: Bool {
    if case .lines(let socket) = way { return socket.isRefused }
    return false
  }

  /// Sends what a step of the simulation has recorded.
  ///
  /// - Parameters:
  ///   - time: Of the simulation, in seconds.
  ///   - alive: The numbers of all instances that run.
  mutating func send(
    _ recorded: [(instance: Int, sample: GatewaySample)], at time: Double, alive: Set<Int>
  ) throws {
    switch way {
    case .lines(var socket):
      if time >= nextResolve {
        socket.reconnect()
        nextResolve = time + DemoSender.resolveInterval
      }
      // Each instance packs its own lines.
      var packed: [Int: LineDatagrams] = [:]
      for (instance, sample) in recorded {
        packed[instance, default: LineDatagrams()].append(sample.line)
      }
      lines += recorded.count
      defer { way = .lines(socket) }
      for (_, instance) in packed.sorted(by: { $0.key < $1.key }) {
        for datagram in instance.datagrams {
          packets += 1
          if try !socket.send(datagram) { packetsLost += 1 }
        }
      }
    case .frames(var instances, let key):
      // An instance that has died sends nothing any more: Weir has what it has sent.
      for (number, pusher) in instances where !alive.contains(number) {
        requestsUnsent += pusher.totals.total(of: DemoRun.counted) - pusher.requestsPushed
        instances[number] = nil
      }
      for (instance, sample) in recorded {
        if instances[instance] == nil {
          instances[instance] = Pusher(
            sender: try FrameSender(to: target.description, key: key))
        }
        instances[instance]?.totals.add(sample)
      }
      defer { way = .frames(instances, key) }
      guard time >= nextFlush else { return }
      nextFlush = time + DemoSender.flushInterval
      for (number, pusher) in instances {
        let frames = try pusher.sender.frames(pusher.totals.records())
        pusher.sender.send(frames)
        packets += frames.count
        instances[number]?.requestsPushed = pusher.totals.total(of: DemoRun.counted)
      }
    }
  }

  /// Ends the instances that still run.
  mutating func finish() throws {
    guard case .frames(let instances, _) = way else { return }
    for (_, pusher) in instances {
      let frames = try pusher.sender.frames(
        pusher.totals.records(last: true), flags: [.final, .confirm])
      packets += frames.count
      unconfirmed += frames.count - pusher.sender.deliver(frames, within: ArrivalCheck.limit)
    }
  }
}
