extension Flag {
  /// The flags of the state on disk.
  static let state: [Flag] = [
    .path(
      "state.dir", "DIR", \.state.directory, of: "directory",
      help: """
        Directory in which Weir saves everything that it counts, so that a restart continues from there. It \
        must exist, and belongs to one Weir. Without it counters begin at 0 after a restart.
        """),
    seconds(
      "state.interval", \.state.intervalSeconds, in: FlagBounds.stateIntervalSeconds,
      subject: "the time between two commits", example: "5s",
      help: """
        The longest time from one commit of the state to the next. Each scrape is a commit as well. A \
        crash loses lines of text since the last one.
        """),
    .choice(
      "state.on-error", \.state.onError,
      help: """
        What a scrape gets while an old state can neither be replaced nor removed: an error (refuse), or \
        the page (serve), after which counters may step back at a restart.
        """),
  ]
}

extension Options {
  /// Checks what no single flag can check.
  func checkState() throws(UsageError) {
    guard state.directory == nil, state != State() else { return }
    let flag = state.onError == .refuse ? "--state.interval" : "--state.on-error"
    throw UsageError("\(flag) is given without --state.dir; add it, or leave the flag out")
  }
}
