import WeirAggregation
import WeirBytes
import WeirCluster
import WeirClusterView
import WeirState

/// Where a node finds states to go on from, and where it leaves its own: its directory, and the store of the cluster.
final class ClusterStates: Sendable {
  /// No state fits.
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// The directory has what a single Weir has counted, which a stop of the node would overwrite.
  struct Single: Error, CustomStringConvertible {
    let directory: String

    var description: String {
      "\(directory) has the state of a single Weir; begin a new cluster with it by weir cluster seed, or move it away"
    }
  }

  /// What the nodes have said about states in the log.
  private struct Claims {
    /// When the log had the note of the newest state.
    var storedMilliseconds: UInt64 = 0
    /// Which node writes the next one, and since when.
    var writer: UInt64?
    var claimedMilliseconds: UInt64 = 0
  }

  /// How many states stay in the store.
  static let keptStates = 2
  /// How old the newest state becomes before a node writes another, and how long a writer may take; by the log's
  /// time.
  static let intervalMilliseconds: UInt64 = 300_000
  static let writingMilliseconds: UInt64 = 60_000
  static let timeoutMilliseconds = 30_000

  private let store: any StateStore
  /// Nil without `--state.dir`.
  private let directory: StateDirectory?
  private let claims = Locked(Claims())

  init(_ store: any StateStore, directory: StateDirectory?) {
    self.store = store
    self.directory = directory
  }

  /// A view from which the log can be read on: of the node's own state, or of the newest one in the store that fits.
  ///
  /// - Parameter first: The first message that the log still has.
  /// - Throws: A `LogFailure` that passes where the store does not answer now, `Missing` where no state fits.
  func load(_ maker: ViewMaker, _ record: ClusterRecord, from first: UInt64) throws -> ClusterView {
    var causes: [String] = []
    do {
      if let saved = try savedHere() {
        guard saved.place != nil else { throw Single(directory: directory?.path ?? "") }
        return try view(of: saved, maker, from: first)
      }
    } catch let error as Single {
      throw error
    } catch {
      causes.append("in \(directory?.path ?? ""): \(ClusterSentence.of(error))")
    }
    let stored = try store.list(milliseconds: ClusterStates.timeoutMilliseconds)
    for state in stored.reversed() {
      guard ClusterStates.isOwn(state.name), let sequence = state.sequence, sequence + 1 >= first
      else { continue }
      do {
        let saved = try saved(state.name)
        // It is there before the log says so, and may stay where its command has ended early.
        if let place = saved.place, place.stream == maker.stream,
          state.name.hasPrefix(ClusterStates.optionsPrefix),
          !record.accepts(ClusterOptions(text: place.options))
        {
          continue
        }
        return try view(of: saved, maker, from: first)
      } catch LogFailure.notFound(let sentence) {
        // Newer ones have taken its place meanwhile.
        throw LogFailure.noAnswer(sentence)
      } catch let failure as LogFailure where failure.isPassing {
        throw failure
      } catch {
        causes.append("\(state.name) of the store: \(ClusterSentence.of(error))")
      }
    }
    // Without any state the view of an empty log is that of the first message.
    if causes.isEmpty, first <= 1, record.begin == .empty, record.before == nil {
      return ClusterView(try maker.settings(record.options))
    }
    throw Missing(description: causes.isEmpty ? "there is none" : causes.joined(separator: "; "))
  }

  /// The state of this name in the store.
  func saved(_ name: String) throws -> ClusterView.Saved {
    try ClusterView.Saved(store.get(name, milliseconds: ClusterStates.timeoutMilliseconds))
  }

  /// The state in the node's own directory, of whichever log it is; nil if there is none.
  func savedHere() throws -> ClusterView.Saved? {
    guard let bytes = try directory?.read() else { return nil }
    return try ClusterView.Saved(bytes)
  }

  private func view(
    of saved: ClusterView.Saved, _ maker: ViewMaker, from first: UInt64
  ) throws -> ClusterView {
    let view = try maker.view(of: saved)
    guard view.sequence + 1 >= first else {
      throw Missing(description: "it ends with message \(view.sequence)")
    }
    return view
  }

  /// Notes what a node says about a state.
  func note(_ note: ClusterStateNote, from node: UInt64, at milliseconds: UInt64) {
    claims.withLock { claims in
      switch note {
      case .writing:
        guard ClusterStates.isFree(claims, at: milliseconds) else { return }
        claims.writer = node
        claims.claimedMilliseconds = milliseconds
      case .stored:
        claims.storedMilliseconds = milliseconds
        claims.writer = nil
      }
    }
  }

  private static func isFree(_ claims: Claims, at milliseconds: UInt64) -> Bool {
    claims.writer == nil
      || milliseconds.distance(from: claims.claimedMilliseconds) > writingMilliseconds
  }

  /// When the store has got its newest state, in milliseconds since 1970; 0 if it has none. Blocks until it answers.
  func newestMilliseconds() throws(LogFailure) -> UInt64 {
    try store.list(milliseconds: ClusterStates.timeoutMilliseconds).map(\.timeMilliseconds).max()
      ?? 0
  }

  /// When a node has said last that a state is in the store, by the log's time; 0 before the first note.
  var notedMilliseconds: UInt64 { claims.withLock { $0.storedMilliseconds } }

  /// Whether a state is due, and nobody writes one. A clock that was set back makes one due, too.
  func isDue(at milliseconds: UInt64) -> Bool {
    claims.withLock { claims in
      milliseconds.distance(from: claims.storedMilliseconds) > ClusterStates.intervalMilliseconds
        && ClusterStates.isFree(claims, at: milliseconds)
    }
  }

  /// Whether it is the turn of a node to write.
  func isWriter(_ node: UInt64) -> Bool { claims.withLock { $0.writer == node } }

  /// Puts a state into the store, and removes those that are no longer needed.
  ///
  /// - Returns: The message after which the log is needed.
  func put(_ bytes: [UInt8], sequence: UInt64) throws(LogFailure) -> UInt64 {
    let limit = ClusterStates.timeoutMilliseconds
    try store.put(ClusterStates.name(sequence), bytes, sequence: sequence, milliseconds: limit)
    let all = try store.list(milliseconds: limit)
    let written = all.filter { $0.name.hasPrefix(ClusterStates.prefix) }
    let needed = written.suffix(ClusterStates.keptStates).compactMap(\.sequence).min() ?? 0
    // The newest state of other options stays, because nodes that are behind may still come to it.
    let changed = all.filter { $0.name.hasPrefix(ClusterStates.optionsPrefix) }.dropLast()
    let old =
      written.dropLast(ClusterStates.keptStates) + changed.filter { ($0.sequence ?? 0) < needed }
    for state in old { try store.remove(state.name, milliseconds: limit) }
    return needed
  }

  /// Puts the state with which a log begins into the store, in place of all others.
  func putFirst(_ bytes: [UInt8]) throws(LogFailure) {
    let limit = ClusterStates.timeoutMilliseconds
    for state in try store.list(milliseconds: limit) where ClusterStates.isOwn(state.name) {
      try store.remove(state.name, milliseconds: limit)
    }
    try store.put(ClusterStates.name(0), bytes, sequence: 0, milliseconds: limit)
  }

  /// The names of states: of those that nodes write, and of those that options are changed with.
  private static let prefix = "state-"
  private static let optionsPrefix = "options-"

  /// Whether a Weir has given an object of the store this name.
  private static func isOwn(_ name: String) -> Bool {
    name.hasPrefix(prefix) || name.hasPrefix(optionsPrefix)
  }

  static func name(_ sequence: UInt64) -> String { "\(prefix)\(sequence)" }
  static func optionsName(_ sequence: UInt64) -> String { "\(optionsPrefix)\(sequence)" }

  /// Writes a state into the node's own directory, in place of the one there.
  func save(_ bytes: [UInt8], number: UInt64) throws(StateError) {
    guard let directory else { return }
    try directory.replace(with: bytes, number: number)
  }
}
