import WeirConfiguration

/// The file of keys, which is reloaded when it changes.
///
/// A file without keys is invalid, so a reload never removes the last key.
struct KeysFile: Sendable {
  let reloaded: ReloadedFile

  /// Loads the keys; a mistake in the file ends the start.
  init(_ file: String, keyring: PushKeyring, log: Log) throws(FileMistake) {
    let stamps = FileStamp.of([file])
    let keys = try PushKeysFile.load(file)
    keyring.use(keys)
    for warning in keys.warnings { log.warn("keys", ["warning": .text(warning)]) }
    let loaded = ReloadedFile.Loaded(paths: [file])
    reloaded = ReloadedFile("keys", file, stamps: stamps, first: loaded, log: log) {
      () throws(FileMistake) in
      keyring.use(try PushKeysFile.load(file))
      return loaded
    }
  }
}
