import WeirCluster
import WeirClusterView

/// What commands do with the log and the store of a cluster.
struct ClusterAccess: Sendable {
  typealias Opened = ClusterStart.Opened

  /// Opens both. They are made with this metadata if they are missing; with nil nothing is made.
  var open:
    @Sendable (_ metadata: [String: String]?) throws(LogFailure) -> (opened: Opened, isNew: Bool)
  /// Removes the log with all of its messages. The store stays.
  var remove: @Sendable () throws(LogFailure) -> Void

  static let milliseconds = 10_000

  /// A cluster that is there.
  struct Existing {
    let opened: Opened
    let bounds: LogBounds
    let record: ClusterRecord
    let maker: ViewMaker
    let states: ClusterStates

    init(_ opened: Opened) throws {
      self.opened = opened
      bounds = try opened.log.bounds(milliseconds: milliseconds)
      record = try ClusterRecord(bounds.metadata, stream: opened.stream)
      if case .waiting(let name) = record.begin {
        throw StartError(description: ClusterSentence.waiting(name))
      }
      maker = ViewMaker(stream: opened.stream, identity: bounds.identity, key: record.key)
      states = ClusterStates(opened.store, directory: nil)
    }

    /// The view as of all that is in the log now.
    func view() throws -> ClusterView {
      var view: ClusterView
      do {
        view = try states.load(maker, record, from: bounds.first)
      } catch {
        throw StartError(
          description: ClusterSentence.noState(bounds.first, ClusterSentence.of(error)))
      }
      var silent = 0
      while view.sequence < bounds.last {
        let messages = try opened.log.read(after: view.sequence, milliseconds: 1_000)
        silent = messages.isEmpty ? silent + 1 : 0
        guard silent < 30 else {
          throw StartError(description: "the log does not answer; try again")
        }
        for message in messages where message.sequence <= bounds.last {
          var changed: ClusterOptionsNote?
          do {
            try view.apply(
              message.payload, sequence: message.sequence, milliseconds: message.timeMilliseconds
            ) { _, entry, payload in
              if entry == .options { changed = ClusterOptionsNote(payload.span) }
            }
          } catch {
            if case .newer(let version) = error, version <= record.format {
              throw StartError(description: ClusterSentence.unreadable(error, message.sequence))
            }
            view.refuse(sequence: message.sequence, milliseconds: message.timeMilliseconds)
          }
          if let changed, changed.options != view.options {
            view = try ClusterChange.view(
              of: changed, through: message.sequence, maker, states, opened.log)
          }
        }
      }
      return view
    }
  }

  func existing() throws -> Existing {
    try Existing(try startStep { () throws(LogFailure) in try open(nil).opened })
  }
}
