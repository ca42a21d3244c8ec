import WeirConfiguration
import WeirMapping

/// The file of mapping rules as it is at the start. It is read first of all, because series that come back from a
/// state file follow its rules.
struct MappingStart {
  let file: String
  /// Of before the read, so that a change during it causes a reload.
  let stamps: [String: FileStamp]
  let mapping: MappingFile

  /// - Throws: A mistake in the file, which ends the start.
  init(_ file: String) throws(FileMistake) {
    self.file = file
    stamps = FileStamp.of([file])
    mapping = try MappingFile.load(file)
  }
}
