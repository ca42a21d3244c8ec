import WeirConfiguration

/// A file that is loaded again when somebody asks for it, and when it, or a file that it names, has changed.
///
/// A file with a mistake leaves in force what was loaded before.
actor ReloadedFile {
  /// What a load found.
  struct Loaded: Sendable {
    /// All files that were read.
    let paths: [String]
    /// The end of a certificate's validity, in seconds of the wall clock; nil without a certificate.
    var certificateEnd: Double?
  }

  private let name: String
  private let file: String
  private let log: Log
  private let load: @Sendable () throws(FileMistake) -> Loaded
  private var watch: FileWatch
  /// Of the file that could not be loaded; nil if the last load succeeded.
  private var failedStamps: [String: FileStamp]?
  nonisolated let status: ReloadStatus

  /// - Parameters:
  ///   - name: What the file has, in the log: `keys`.
  ///   - stamps: Of what is in force, taken before it was read.
  ///   - first: What is in force.
  ///   - load: Loads the file and puts it in force.
  init(
    _ name: String, _ file: String, stamps: [String: FileStamp], first: Loaded, log: Log,
    load: @escaping @Sendable () throws(FileMistake) -> Loaded
  ) {
    self.name = name
    self.file = file
    self.log = log
    self.load = load
    watch = FileWatch(ReloadedFile.stamps(of: first, before: stamps))
    status = ReloadStatus(at: Log.wallSeconds(), certificateEnd: first.certificateEnd)
  }

  nonisolated var item: Reloads.Item {
    Reloads.Item(
      name: name, reload: { try await self.reload(isAsked: true) },
      reloadIfChanged: { try await self.reloadIfChanged() })
  }

  private func reloadIfChanged() throws {
    guard watch.isDue(FileStamp.of(watch.paths)) else { return }
    try reload(isAsked: false)
    log.info("reloaded the \(name) because the file changed", ["file": .text(file)])
  }

  /// - Parameter isAsked: Whether somebody asked for it. Otherwise a file that has not changed since it
  ///   failed does not count as another failure.
  private func reload(isAsked: Bool) throws {
    let before = FileStamp.of(watch.paths)
    do throws(FileMistake) {
      let loaded = try load()
      watch.succeeded(ReloadedFile.stamps(of: loaded, before: before))
      failedStamps = nil
      status.succeeded(at: Log.wallSeconds(), certificateEnd: loaded.certificateEnd)
    } catch {
      watch.failed()
      if isAsked || failedStamps != before { status.failed() }
      failedStamps = before
      throw error
    }
  }

  /// The stamps of all files that were read. Those that were taken before the read win, so that a change
  /// during it causes another reload.
  private static func stamps(
    of loaded: Loaded, before: [String: FileStamp]
  ) -> [String: FileStamp] {
    let stamps = FileStamp.of(loaded.paths)
    return stamps.merging(before.filter { stamps[$0.key] != nil }) { $1 }
  }
}
