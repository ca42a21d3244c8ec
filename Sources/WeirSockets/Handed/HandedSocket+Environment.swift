import Glibc

extension HandedSocket {
  /// The first descriptor that is handed over.
  private static var firstDescriptor: Int32 { 3 }
  /// More than any unit has.
  private static var countMax: Int { 256 }

  /// The sockets that `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` describe; none if the variables are
  /// not set, or are for another process.
  ///
  /// - Parameter variable: The value of an environment variable.
  /// - Throws: `HandedSocketError`: the first descriptor that can't be used.
  package static func all(
    process: Int32 = getpid(), first: Int32 = firstDescriptor,
    variable: (String) -> String?
  ) throws(HandedSocketError) -> [HandedSocket] {
    guard variable("LISTEN_PID").flatMap({ Int32($0) }) == process,
      let count = variable("LISTEN_FDS").flatMap({ Int($0) }), 1...countMax ~= count
    else { return [] }
    let labels = (variable("LISTEN_FDNAMES") ?? "")
      .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    var sockets: [HandedSocket] = []
    for index in 0..<count {
      let label = index < labels.count ? labels[index] : ""
      sockets.append(try HandedSocket(first + Int32(index), label: label))
    }
    return sockets
  }
}
