// Safety: `write` reads the array's bytes for the length of the call only.
import Glibc

/// Writes sentences on standard error, for the person who started the run.
package enum Notice {
  package static func write(_ sentence: String, from program: String) {
    let line = Array("\(program): \(sentence)\n".utf8)
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
