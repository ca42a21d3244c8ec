import WeirConfiguration
import WeirMapping

/// The file of mapping rules as it is at the start. It is read first of all, because series that come back from a
/// state file follow its rules.
struct MappingStart {
  let file: String
  /// Of before the read, so that a change during it causes a reload.
  let stamps: [String: FileStamp]
  let mapping: MappingFile
  /// Loads the file and checks it.
  let load: @Sendable () throws(FileMistake) -> MappingFile

  /// - Parameter options: The flags, which the file must not contradict.
  /// - Throws: A mistake in the file, which ends the start.
  init(_ file: String, _ options: Options) throws(FileMistake) {
    self.file = file
    stamps = FileStamp.of([file])
    load = { () throws(FileMistake) in
      let mapping = try MappingFile.load(file)
      try mapping.check(options, file: file)
      return mapping
    }
    mapping = try load()
  }
}
