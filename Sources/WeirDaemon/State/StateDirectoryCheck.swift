// Safety: stat(2) fills a local value of its own type.

import Glibc
import WeirState

/// What can be said about a state directory without locking it.
enum StateDirectoryCheck {
  /// - Throws: `StartError` if Weir could not write files there.
  static func run(_ path: String) throws(StartError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw StartError(
        description: "--state.dir: \(path) is not a directory; make one that Weir may write to")
    }
    guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
      throw StartError(
        description:
          "--state.dir: Weir may not write to \(path); give it to the user that runs Weir, "
          + "with mode 0700")
    }
    for file in [StateDirectory.filePath(in: path), StateDirectory.lockPath(in: path)] {
      guard unsafe lstat(file, &status) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFREG, unsafe access(file, R_OK | W_OK) == 0 else {
        throw StartError(
          description: "--state.dir: \(file) is not a file that Weir may read and write; move it "
            + "away")
      }
    }
  }
}
