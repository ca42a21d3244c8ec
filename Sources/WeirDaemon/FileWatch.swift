/// Decides when files that are checked periodically are reloaded.
///
/// A changed file is loaded when two checks in a row have found it the same, because it may still
/// be written. After a failed load, it is tried again at each check even if the file has not
/// changed: its folder may have been missing, or no descriptor was left.
struct FileWatch: Sendable {
  private var inForce: [String: FileStamp]
  private var seen: [String: FileStamp]
  private var isBroken = false

  /// - Parameter stamps: Of the loaded files, taken before they were read.
  init(_ stamps: [String: FileStamp]) {
    inForce = stamps
    seen = stamps
  }

  /// The files to check.
  var paths: [String] { Array(inForce.keys) }

  /// Whether the files are to be loaded now.
  ///
  /// - Parameter stamps: The current stamps of `paths`.
  mutating func isDue(_ stamps: [String: FileStamp]) -> Bool {
    let isStill = stamps == seen
    seen = stamps
    return isStill && (isBroken || stamps != inForce)
  }

  /// The files were loaded; `stamps` were taken before.
  mutating func succeeded(_ stamps: [String: FileStamp]) {
    inForce = stamps
    isBroken = false
  }

  /// The files could not be loaded.
  mutating func failed() { isBroken = true }
}
