import WeirAggregation
import WeirBytes
import WeirCluster
import WeirMetrics
import WeirPush
import WeirState

/// What all nodes of a cluster show: every message of the log, applied in its order.
///
/// Nodes that have applied the same messages hold the same, to the last bit. So nothing here may depend on a clock
/// of the node, on when a scrape came, or on chance: the time is that of the messages, all series are checked for
/// their end at once, and the key of the fingerprints belongs to the cluster.
package struct ClusterView: ~Copyable {
  /// What must be the same on all nodes.
  package struct Settings: Sendable {
    /// Names the stream: that of another one is another view.
    package var stream: String
    /// The flags with which it counts, as text.
    package var options: String
    /// The key of the fingerprints.
    package var key: KeyStream
    package var owners: OwnerLimits
    /// Makes the aggregator with the rules and limits of the options.
    package var makeAggregator:
      @Sendable (_ startSecond: UInt32, _ unixSeconds: @escaping @Sendable () -> UInt32) ->
        Aggregator

    package init(
      stream: String, options: String = "", key: KeyStream, owners: OwnerLimits = OwnerLimits(),
      makeAggregator:
        @escaping @Sendable (UInt32, @escaping @Sendable () -> UInt32) -> Aggregator
    ) {
      self.stream = stream
      self.options = options
      self.key = key
      self.owners = owners
      self.makeAggregator = makeAggregator
    }
  }

  /// Seconds of the clock between two checks of all series and instances. A multiple of it, so that nodes that began
  /// with a state check at the same messages as those that did not.
  static let checkSeconds: UInt32 = 5

  package let aggregator: Aggregator
  package let owners: Owners
  package private(set) var clock: ClusterClock
  /// The last message that was applied.
  package private(set) var sequence: UInt64
  package private(set) var totals = ClusterTotals()
  let settings: Settings
  private let time: ClusterTime
  private var router: PushRouter
  private var decoder: PushDecoder
  private var frame = PushFrame()
  var writer: StateWriter?
  /// Of the last digest.
  var catalog = Catalog()

  /// A view that is to read the log from its first message.
  package init(_ settings: Settings) {
    self.init(settings, clock: ClusterClock(), sequence: 0, memoryBefore: 0)
  }

  init(
    _ settings: Settings, clock: ClusterClock, sequence: UInt64, memoryBefore: UInt64
  ) {
    self.settings = settings
    self.clock = clock
    self.sequence = sequence
    let time = ClusterTime(memoryBefore: memoryBefore)
    time.set(clock)
    self.time = time
    aggregator = settings.makeAggregator(clock.second, { time.unixSeconds })
    owners = Owners(
      aggregator: aggregator, limits: settings.owners, keySeed: settings.key,
      uptime: { time.memoryMilliseconds })
    router = PushRouter(owners: owners)
    decoder = PushDecoder(settings.key)
  }

  /// The flags with which it counts, as text.
  package var options: String { settings.options }

  /// Takes the place of a view of this node, whose totals it goes on from.
  package mutating func follow(_ totals: ClusterTotals) { self.totals = totals }

  /// Applies the next message of the log.
  ///
  /// What can't be read is counted and changes nothing, on all nodes alike. A frame that can't be read does not take
  /// the others of its message with it.
  ///
  /// - Parameters:
  ///   - sequence: That of the message, which is greater than the last one.
  ///   - milliseconds: The log's time of it, since 1970.
  ///   - others: Receives what is not for the view: markers, and what nodes tell each other.
  /// - Throws: Where a newer Weir wrote the message; then nothing was applied, and nothing may be from now on.
  package mutating func apply(
    _ message: [UInt8], sequence: UInt64, milliseconds: UInt64,
    others: (_ node: UInt64, ClusterEntry, ArraySlice<UInt8>) -> Void
  ) throws(ClusterMessageReader.Refusal) {
    precondition(sequence > self.sequence, "the log goes forward")
    let entries = try ClusterView.entries(of: message)
    self.sequence = sequence
    advance(toMessage: milliseconds)
    guard let entries else {
      totals.messagesRefused += 1
      return
    }
    totals.messages += 1
    for (entry, payload) in entries.list {
      switch entry {
      case .frame: apply(message.span, payload)
      case .applicationFrame: apply(message.span, payload, isOfApplication: true)
      case .options, .marker, .hello, .state, .digest: others(entries.node, entry, message[payload])
      }
    }
    owners.removeReleased()
  }

  /// Passes over a message that can't be read and that no Weir of this log has written.
  package mutating func refuse(sequence: UInt64, milliseconds: UInt64) {
    precondition(sequence > self.sequence, "the log goes forward")
    self.sequence = sequence
    advance(toMessage: milliseconds)
    totals.messagesRefused += 1
  }

  private struct Entries {
    let node: UInt64
    var list: [(ClusterEntry, Range<Int>)] = []
  }

  /// Nil where the message is not one of a Weir.
  private static func entries(
    of message: [UInt8]
  ) throws(ClusterMessageReader.Refusal) -> Entries? {
    do throws(ClusterMessageReader.Refusal) {
      var reader = try ClusterMessageReader(message.span)
      var entries = Entries(node: reader.node)
      while let entry = try reader.next() { entries.list.append(entry) }
      return entries
    } catch {
      // A newer Weir that writes what may not be skipped writes another version.
      guard case .newer = error else { return nil }
      throw error
    }
  }

  private mutating func apply(
    _ bytes: Span<UInt8>, _ range: Range<Int>, isOfApplication: Bool = false
  ) {
    do throws(PushRefusal) {
      try decoder.readHeader(bytes, from: range.lowerBound, to: range.upperBound, into: &frame)
      try decoder.readBody(bytes, into: &frame)
      if isOfApplication { frame.header.isForwarder = false }
      _ = try router.apply(
        &frame, bytes: bytes, nowMilliseconds: clock.lastMessageMilliseconds)
      totals.frames += 1
      totals.records += frame.records.count
      totals.recordsRefused += frame.refusedCount
    } catch {
      totals.framesRefused += 1
    }
  }

  private mutating func advance(toMessage milliseconds: UInt64) {
    clock.advance(toMessage: milliseconds)
    time.set(clock)
    let (before, second) = (aggregator.second, clock.second)
    guard second > before else { return }
    aggregator.advance(toSecond: second)
    guard second / ClusterView.checkSeconds > before / ClusterView.checkSeconds else { return }
    aggregator.expire(atSecond: second, checksAll: true)
    owners.expire(atSecond: second, checksAll: true)
  }
}

/// What a view has applied since the node started.
package struct ClusterTotals: Sendable, Equatable {
  package var messages = 0
  /// Messages that no Weir wrote.
  package var messagesRefused = 0
  package var frames = 0
  package var framesRefused = 0
  package var records = 0
  package var recordsRefused = 0

  package init() {}
}
