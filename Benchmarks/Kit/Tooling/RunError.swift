// Safety: `strerror` returns a terminated string, which is copied before anything else is called.
import Glibc

/// Why a run failed, as a sentence.
package struct RunError: Error, Equatable {
  package let sentence: String

  package init(_ sentence: String) {
    self.sentence = sentence
  }

  /// "`what`: Connection refused."
  package init(_ what: String, errno code: Int32) {
    let reason = unsafe String(cString: strerror(code))
    sentence = "\(what): \(reason)."
  }
}
