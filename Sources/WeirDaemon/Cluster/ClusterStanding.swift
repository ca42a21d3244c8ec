import WeirBytes

/// Where a node is with its cluster: read by scrapes and `/-/ready`, set by the node's reader.
final class ClusterStanding: Sendable {
  enum Course: Sendable, Equatable {
    /// It reads what was in the log when it started.
    case joining(until: UInt64)
    case current
    /// It shows nothing any more. The sentence says why, and what to do.
    case stopped(String)
  }

  struct Reading: Sendable, Equatable {
    var course: Course
    /// The last message that was applied, and when by this machine's clock, in milliseconds that only grow.
    var sequence: UInt64
    var appliedAtMilliseconds: UInt64
    /// The time of that message, in milliseconds since 1970.
    var messageMilliseconds: UInt64 = 0
    /// Which log it is: another one of the same name has another epoch.
    var epoch: String
  }

  private let state: Locked<Reading>

  init(_ course: Course, sequence: UInt64, epoch: String = "", at milliseconds: UInt64) {
    state = Locked(
      Reading(
        course: course, sequence: sequence, appliedAtMilliseconds: milliseconds, epoch: epoch))
  }

  var reading: Reading { state.withLock { $0 } }

  /// Notes that messages were applied.
  ///
  /// - Returns: Whether the node has caught up with this.
  func applied(_ sequence: UInt64, message: UInt64, at milliseconds: UInt64) -> Bool {
    state.withLock { state in
      state.sequence = sequence
      state.messageMilliseconds = message
      state.appliedAtMilliseconds = milliseconds
      guard case .joining(let end) = state.course, sequence >= end else { return false }
      state.course = .current
      return true
    }
  }

  /// Notes that the node has to catch up again.
  func join(until end: UInt64) {
    state.withLock { state in
      if case .stopped = state.course { return }
      state.course = state.sequence >= end ? .current : .joining(until: end)
    }
  }

  /// Notes that a node that had stopped goes on from a message, of another log.
  func goOn(from sequence: UInt64, until end: UInt64, epoch: String) {
    state.withLock { state in
      state.epoch = epoch
      state.sequence = sequence
      state.course = sequence >= end ? .current : .joining(until: end)
    }
  }

  var isStopped: Bool {
    if case .stopped = reading.course { true } else { false }
  }

  /// Nothing is shown after this, until `goOn`.
  func stop(_ sentence: String) {
    state.withLock { state in
      if case .stopped = state.course { return }
      state.course = .stopped(sentence)
    }
  }
}
