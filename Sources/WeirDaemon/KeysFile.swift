import WeirConfiguration

/// The file of keys, which is reloaded when it changes.
///
/// A file without keys is invalid, so a reload never removes the last key.
actor KeysFile {
  private let file: String
  private let keyring: PushKeyring
  private let log: Log
  private var watch: FileWatch
  nonisolated let status: ReloadStatus

  /// Loads the keys; a mistake in the file ends the start.
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
    log.info("reloaded the keys because the file changed", ["file": .text(file)])
  }

  private func reload() throws {
    // The stamp is taken before the read, so a change during the read causes another reload.
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
