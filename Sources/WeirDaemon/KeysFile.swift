import WeirConfiguration

/// The file of keys in force, which is read anew when it changes.
///
/// There is no file of no keys, so that a reload never takes the last key away.
actor KeysFile {
  private let file: String
  private let keyring: PushKeyring
  private let log: Log
  private var watch: FileWatch
  nonisolated let status: ReloadStatus

  /// Puts the keys in force, or ends the start with the file's first mistake.
  init(_ file: String, keyring: PushKeyring, log: Log) throws(FileMistake) {
    self.file = file
    self.keyring = keyring
    self.log = log
    watch = FileWatch(FileStamp.of([file]))
    let keys = try PushKeysFile.load(file)
    keyring.use(keys)
    status = ReloadStatus(at: Log.wallSeconds())
    for warning in keys.warnings { log.warn("keys", ["warning": .text(warning)]) }
  }

  nonisolated var item: Reloads.Item {
    Reloads.Item(
      name: "keys", reload: { try await self.reload() },
      reloadIfChanged: { try await self.reloadIfChanged() })
  }

  private func reloadIfChanged() throws {
    guard watch.isDue(FileStamp.of(watch.paths)) else { return }
    try reload()
    log.info("the keys have changed and are in force", ["file": .text(file)])
  }

  private func reload() throws {
    // Stamped before it is read, so that what changes meanwhile is read again.
    let stamps = FileStamp.of(watch.paths)
    do throws(FileMistake) {
      keyring.use(try PushKeysFile.load(file))
      watch.succeeded(stamps)
      status.succeeded(at: Log.wallSeconds())
    } catch {
      watch.failed()
      status.failed()
      throw error
    }
  }
}
