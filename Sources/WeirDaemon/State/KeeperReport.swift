/// What the operator has to know about the state, once for each change.
enum KeeperReport: Sendable, Equatable {
  case failed(String)
  case unprotected
  case refused(String, serves: Bool)
  case protectedAgain
  case baseAbandoned(String)

  func write(to log: Log) {
    switch self {
    case .failed(let cause):
      log.error(
        "the state could not be committed, so its file will be removed", ["error": .text(cause)])
    case .unprotected:
      log.error(
        "the state is not saved: Weir goes on counting and serving, but counters begin at 0 after a restart",
        [
          "remedy": .text(
            "free or repair the disk of --state.dir; Weir tries again by itself, up to a minute later"
          )
        ])
    case .refused(let cause, let serves):
      log.error(
        serves
          ? "an old state file is left: Weir goes on counting and serving, but counters step back after a restart"
          : "an old state file is left: Weir goes on counting, but scrapes are answered with 503",
        [
          "error": .text(cause),
          "remedy": .text(
            "remove weir.state or repair its disk; Weir tries again by itself, up to a minute later"
          ),
        ])
    case .protectedAgain:
      log.info("the state is saved again")
    case .baseAbandoned(let cause):
      log.warn(
        "the state file could not be written anew; the present one goes on growing",
        ["error": .text(cause), "remedy": .text("make room on the disk of --state.dir")])
    }
  }
}
