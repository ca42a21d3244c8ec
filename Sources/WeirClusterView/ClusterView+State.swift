import WeirAggregation
import WeirBytes
import WeirPush
import WeirState

extension ClusterView {
  /// A state file that was read, and what it says of its place.
  package struct Saved: Sendable {
    let image: StateImage
    let times: StateTimes
    /// Where in which log it is; nil for the state of a single Weir.
    package let place: StateCluster?
    /// The key of its fingerprints.
    package let key: KeyStream
    /// Whether it has pushed groups or what CloudWatch was told, which no view holds.
    package let hasMoreThanSeries: Bool

    /// - Complexity: O(bytes).
    package init(_ bytes: [UInt8]) throws(StateRefusal) {
      let scan = StateScan(bytes.span)
      switch scan.verdict {
      case .whole, .tornEnd: break
      case .damaged(let sentence): throw .damaged(sentence)
      case .newer(let version): throw .damaged("a newer Weir wrote it, in version \(version)")
      case .foreign: throw .damaged("it is not a state file")
      case .empty: throw .damaged("it is empty")
      }
      image = StateImage(scan, bytes)
      if let damage = image.damage { throw .damaged(damage) }
      guard let times = image.times, let key = image.key else { throw .damaged("it is empty") }
      (self.times, self.key) = (times, key)
      place = image.cluster
      hasMoreThanSeries = !image.groupPayloads.isEmpty || !image.cloudWatchPayloads.isEmpty
    }
  }

  /// Why a state can't be gone on from.
  package enum StateRefusal: Error, Sendable, Equatable {
    /// It is the state of a single Weir, of another stream, of another key or of other options.
    case foreign
    case damaged(String)
    /// Limits or rules are others than those that it was written with.
    case incomplete(ClusterLoss)
  }

  /// A view that goes on from a state of this stream.
  ///
  /// - Complexity: O(bytes).
  package static func restored(
    _ settings: Settings, from saved: Saved
  ) throws(StateRefusal) -> ClusterView {
    guard let place = saved.place, place.stream == settings.stream,
      place.options == settings.options
    else { throw .foreign }
    var loss = ClusterLoss()
    let view = try made(settings, from: saved, at: place, &loss)
    guard loss == ClusterLoss() else { throw .incomplete(loss) }
    return view
  }

  /// A view with the series and instances of a state that was written elsewhere: with other options, for another
  /// stream, or by a single Weir.
  ///
  /// - Parameters:
  ///   - sequence: The message of the settings' stream that it goes on from.
  ///   - loss: What does not fit under the settings' rules and limits.
  /// - Complexity: O(bytes).
  package static func converted(
    _ settings: Settings, from saved: Saved, sequence: UInt64, _ loss: inout ClusterLoss
  ) throws(StateRefusal) -> ClusterView {
    let milliseconds = UInt64(saved.times.second) * 1_000
    let wall = saved.times.wallMilliseconds
    var place =
      saved.place
      ?? StateCluster(
        stream: "", sequence: 0, milliseconds: milliseconds,
        beginMilliseconds: wall - min(wall, milliseconds), messageMilliseconds: wall)
    place.sequence = sequence
    return try made(settings, from: saved, at: place, &loss)
  }

  private static func made(
    _ settings: Settings, from saved: Saved, at place: StateCluster, _ loss: inout ClusterLoss
  ) throws(StateRefusal) -> ClusterView {
    guard saved.key.salt == settings.key.salt, saved.key.state == settings.key.state else {
      throw .foreign
    }
    let clock = ClusterClock(
      milliseconds: place.milliseconds, lastMessageMilliseconds: place.messageMilliseconds,
      beginMilliseconds: place.beginMilliseconds)
    let memory = saved.times.memoryMilliseconds
    let view = ClusterView(
      settings, clock: clock, sequence: place.sequence,
      memoryBefore: memory - min(memory, clock.memoryMilliseconds))
    view.owners.restore(forgottenMilliseconds: saved.times.forgottenMilliseconds)
    view.owners.restore(place.limits)
    let restored = view.owners.restore(saved.image)
    if let damage = restored.damage { throw .damaged(damage) }
    loss.series = restored.changed + restored.clashes + restored.refusedByLimits
    loss.instances = restored.ownersRefused
    view.aggregator.restoreYouth(unixSeconds: clock.unixSeconds)
    return view
  }

  /// The view as the bytes of a state file.
  ///
  /// - Complexity: O(bytes). Scrapes wait for some milliseconds at most.
  package mutating func state() -> [UInt8] {
    var writer = writer.take() ?? StateWriter(owners: owners)
    writer.reset()
    var blocks = StateBlocks()
    let times = StateTimes(
      second: clock.second, wallMilliseconds: clock.lastMessageMilliseconds,
      memoryMilliseconds: owners.memoryMilliseconds,
      forgottenMilliseconds: owners.forgottenMilliseconds)
    _ = writer.writeChanges(times: times, into: &blocks)
    var place = StateCluster(
      stream: settings.stream, options: settings.options, sequence: sequence,
      milliseconds: clock.milliseconds, beginMilliseconds: clock.beginMilliseconds,
      messageMilliseconds: clock.lastMessageMilliseconds)
    place.limits = owners.limitMemory
    place.append(to: &blocks)
    self.writer = consume writer
    return StateBlocks.file(of: blocks, number: sequence)
  }
}

/// What of a state does not fit under other rules and limits.
package struct ClusterLoss: Sendable, Equatable {
  package var series = 0
  package var instances = 0

  package init() {}
}
