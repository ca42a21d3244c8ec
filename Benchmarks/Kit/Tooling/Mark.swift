// Safety: `write` is given the address and the length of a string that lives as long as the
// program.
import Glibc

/// Marks on standard error, for tools that trace a run. They allocate nothing.
package enum Mark {
  package static func write(_ text: StaticString) {
    _ = unsafe Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
