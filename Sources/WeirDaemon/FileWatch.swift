/// Tells when files that are looked at from time to time are to be read anew.
///
/// A file that changed is read once two looks have found it the same, so that one that is still being
/// written is left alone. What could not be read is tried again at each look, even if the file looks
/// as it did: its folder may have been away, or no descriptor was left.
struct FileWatch: Sendable {
  private var inForce: [String: FileStamp]
  private var seen: [String: FileStamp]
  private var isBroken = false

  /// - Parameter stamps: Of the files in force, taken before they were read.
  init(_ stamps: [String: FileStamp]) {
    inForce = stamps
    seen = stamps
  }

  /// The files to look at.
  var paths: [String] { Array(inForce.keys) }

  /// Whether the files are to be read now.
  ///
  /// - Parameter stamps: Those of `paths`, as they are now.
  mutating func isDue(_ stamps: [String: FileStamp]) -> Bool {
    let isStill = stamps == seen
    seen = stamps
    return isStill && (isBroken || stamps != inForce)
  }

  /// The files were read and are in force; `stamps` were taken before.
  mutating func succeeded(_ stamps: [String: FileStamp]) {
    inForce = stamps
    isBroken = false
  }

  /// The files could not be read.
  mutating func failed() { isBroken = true }
}
