import Glibc
import WeirBytes

/// Parts of the sentences of `weir record` and `weir replay`.
enum CaptureText {
  /// A duration in seconds, with three digits at least below 10: `0.041 s`, `12.3 s`.
  static func seconds(_ duration: Duration) -> String {
    let seconds = max(0, duration / .seconds(1))
    let scale = seconds < 10 ? 1_000.0 : 10.0
    let rounded = (seconds * scale).rounded() / scale
    return "\(rounded) s"
  }

  /// A rate, rounded to three digits: `75000`, `12.3`.
  static func rate(_ count: Int, _ duration: Duration) -> String {
    let seconds = max(duration / .seconds(1), 1e-9)
    let rate = Double(count) / seconds
    guard rate >= 1, rate < 1e15 else { return "\((rate * 100).rounded() / 100)" }
    var scale = 1.0
    while rate / scale >= 1_000 { scale *= 10 }
    let rounded = rate >= 100 ? (rate / scale).rounded() * scale : (rate * 10).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// What to do where a file can't be written, as a part of a sentence.
  static func writeRemedy(_ code: Int32) -> String {
    switch code {
    case ENOENT, ENOTDIR: "make the folder, or write another name"
    case ENOSPC, EDQUOT: "make room, or write another name"
    default: "write another name"
    }
  }

  /// Why a file can't be written, as a part of a sentence.
  static func writeTrouble(_ code: Int32) -> String {
    switch code {
    case ENOENT, ENOTDIR: "there is no such folder"
    case EACCES, EPERM, EROFS: "weir is not allowed to write there"
    case EISDIR: "it is a folder"
    case ENOSPC, EDQUOT: "the disk is full"
    case EFBIG: "the file would be longer than allowed"
    case EBADF: "it is closed, or is not for writing"
    default: "writing failed with errno \(code)"
    }
  }
}
