/// Why a Unix socket could not be bound, as a sentence that says what to do.
package struct UnixListenError: Error, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    /// There is a file that is no socket.
    case otherFile
    /// A process listens there.
    case inUse
    /// There is a socket of which nobody can tell whether a process listens.
    case untold(SystemError)
    case system(SystemError)
  }

  package let path: String
  package let reason: Reason
  /// The command-line option that gave the path.
  package let flag: String

  package var description: String {
    "cannot listen on \(path): " + sentence
  }

  private var sentence: String {
    switch reason {
    case .otherFile:
      "there is a file that is no socket; remove it, or choose another path with \(flag)"
    case .inUse:
      "another program listens there; stop it, or choose another path with \(flag)"
    case .untold(let error):
      "there is a socket, and whether a program listens there can't be told (\(error.reason)); "
        + "remove it if none does, or choose another path with \(flag)"
    case .system(let error):
      "\(error); choose another path with \(flag), in a folder that this user may write to"
    }
  }
}
