/// How long a commit may take, how often there is one, and how much may wait.
struct StateLimits: Sendable {
  /// A commit that takes longer has failed: a scrape waits for it, and scrape timeouts begin at some seconds.
  var commitMax = Duration.seconds(1)
  /// The same for the removal of the state file.
  var removalMax = Duration.seconds(1)
  /// The last commit may take longer, because nobody waits for a page any more. With `removalMax` it stays
  /// within `stopMax`.
  var lastCommitMax = Duration.seconds(4)
  /// The longest time that a stop waits for the disk. Service managers wait for 10 s and more.
  var stopMax = Duration.seconds(5)
  /// The time from commit to commit while nobody waits: `--state.interval`.
  var interval = Duration.seconds(5)
  /// While only answers to frames wait, a commit begins after so many times the duration of the last one.
  /// So commits take at most a fifth of the time.
  var paceFactor = 4
  /// After a failure a new file is tried after this time, then after twice as long, and so on.
  var retryMin = Duration.seconds(2)
  var retryMax = Duration.seconds(60)
  /// Increments of fewer bytes never cause a new base: below this, reading them back takes no time.
  var incrementBytesMin = 16 << 20
  /// After a new base was abandoned, the next one is begun after this time.
  var baseRetry = Duration.seconds(60)
  /// Answers to frames that wait for a commit. At more, answers are dropped, and the client asks again.
  /// About 4 MB.
  var answersMax = 16_384
}
