import WeirBytes
import WeirCluster
import WeirClusterView

/// `weir cluster options`: gives all nodes other options, at one message of the log.
///
///     state at message s, with the new options ──▶ store
///     entry that names it ──▶ log, at message t: each node loads it, and applies s + 1 … t again
///     metadata: the new options, and those before, with which nodes may still start
enum ClusterChange {
  /// How long the log may take to store the entry.
  private static let patience = 10

  /// - Returns: What to print.
  static func run(
    _ access: ClusterAccess, to options: ClusterOptions, isDry: Bool
  ) throws -> String {
    guard options.text.utf8.count <= ClusterOptionsNote.optionsBytesMax else {
      throw StartError(description: "these flags are too long for the log; give fewer rules")
    }
    let existing = try access.existing()
    let log = existing.opened.log
    defer { log.close() }
    var record = existing.record
    if options == record.options, record.format == ClusterFormat.version {
      return "the cluster has these options already: \(options)"
    }
    var view = try existing.view()
    var lines: [String] = []
    // Nodes count with them already where the command has ended before its last step.
    if view.options != options.text {
      let sequence = view.sequence
      let saved = try ClusterView.Saved(view.state())
      var loss = ClusterLoss()
      var changed = try ClusterView.converted(
        existing.maker.settings(options), from: saved, sequence: sequence, &loss)
      if let sentence = ClusterSentence.lost(loss) { lines.append(sentence) }
      if isDry {
        lines.append("the options would be: \(options)")
        return lines.joined(separator: "\n")
      }
      let name = ClusterStates.optionsName(sequence)
      try existing.opened.store.put(
        name, changed.state(), sequence: sequence, milliseconds: ClusterStates.timeoutMilliseconds)
      let note = ClusterOptionsNote(state: name, options: options.text)
      try post({ $0.append(.options, note.bytes) }, log, format: record.format)
    }
    (record.before, record.options) = (record.options, options)
    record.format = ClusterFormat.version
    try log.updateMetadata(record.metadata, milliseconds: ClusterAccess.milliseconds)
    lines.append(
      "all nodes count with \(options) now; restart them with the same flags, one by one")
    return lines.joined(separator: "\n")
  }

  /// The view of a state with other options, after the messages that followed it.
  ///
  /// - Parameter end: The message that says so.
  static func view(
    of note: ClusterOptionsNote, through end: UInt64, _ maker: ViewMaker, _ states: ClusterStates,
    _ log: any OrderedLog
  ) throws -> ClusterView {
    var view = try maker.view(of: try states.saved(note.state))
    guard view.sequence <= end, view.options == note.options else {
      throw ClusterView.StateRefusal.foreign
    }
    var silent = 0
    while view.sequence < end {
      try Task.checkCancellation()
      let messages = try log.read(after: view.sequence, milliseconds: 1_000)
      silent = messages.isEmpty ? silent + 1 : 0
      if silent > patience { throw LogFailure.noAnswer("the log does not answer") }
      for message in messages where message.sequence <= end {
        do {
          try view.apply(
            message.payload, sequence: message.sequence, milliseconds: message.timeMilliseconds
          ) { _, _, _ in }
        } catch {
          // It was passed over before, too.
          view.refuse(sequence: message.sequence, milliseconds: message.timeMilliseconds)
        }
      }
    }
    return view
  }

  /// Posts a message, and returns when the log has it.
  static func post(
    _ entries: (inout ClusterMessageWriter) -> Void, _ log: any OrderedLog, format: UInt8
  ) throws {
    var writer = ClusterMessageWriter(node: .random(in: 1...UInt64.max), version: format)
    entries(&writer)
    try log.post(writer.take(), as: 1)
    for _ in 0..<patience {
      guard let outcome = log.outcomes(milliseconds: 1_000).first else { continue }
      switch outcome.result {
      case .stored: return
      case .refused(let refusal):
        throw StartError(description: "the log does not take messages: \(refusal)")
      }
    }
    throw StartError(
      description: "the log did not answer; run the command again, which does no harm")
  }
}
