import Glibc

extension StateDirectory {
  /// Why a state file is put aside.
  package enum Reason: Sendable, Equatable {
    case damaged
    case newer(version: UInt32)
    /// It is not a state file.
    case foreign
    /// It is whole, and this Weir must not go on from it.
    case unused

    fileprivate var word: String {
      switch self {
      case .damaged: "damaged"
      case .newer(let version): "version-\(version)"
      case .foreign: "foreign"
      case .unused: "unused"
      }
    }
  }

  /// The damaged files that are kept, and the unused ones: enough to see whether it happens again and
  /// again.
  static let keptMax = 3

  /// Renames the state file, so that it is kept but not read again:
  /// `weir.state.damaged-20261126T062438Z`.
  ///
  /// It never replaces a file. Of damaged files the three newest are kept, and of unused ones. Others are not
  /// removed.
  ///
  /// - Parameter seconds: The time since 1970, for the name.
  /// - Returns: The new path.
  package func setAside(_ reason: Reason, at seconds: Int) throws(StateError) -> String {
    let system = system
    let base = "\(filePath).\(reason.word)-\(StateTime.text(seconds))"
    var target = base
    for number in 2...1_000 where isThere(target) { target = "\(base)-\(number)" }
    guard !isThere(target) else {
      throw StateError("\(target): there are 999 files like it; remove them", code: EEXIST)
    }
    let old = filePath
    try explained(old, "renaming it") { () throws(StateErrno) in
      try system.rename(old, to: target)
    }
    try sync()
    if reason == .damaged || reason == .unused { removeOldest(reason, except: target) }
    return target
  }

  private func isThere(_ path: String) -> Bool {
    do throws(StateErrno) {
      _ = try system.status(path, followsLinks: false)
      return true
    } catch {
      return error.code != ENOENT
    }
  }

  /// Removes the oldest files of a reason. That this fails is no reason not to go on.
  private func removeOldest(_ reason: Reason, except newest: String) {
    let prefix = "weir.state.\(reason.word)-"
    let names = ((try? system.names(in: path)) ?? []).filter {
      $0.hasPrefix(prefix) && "\(path)/\($0)" != newest
        && StateTime.isText($0.dropFirst(prefix.count))
    }
    for name in names.sorted().dropLast(StateDirectory.keptMax - 1) {
      try? system.remove("\(path)/\(name)")
    }
  }
}
