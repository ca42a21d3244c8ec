// Safety: `write` is given the address and the length of a string that lives as long as the
// program.
import Glibc

/// Marks on standard error, for whoever traces a run; they allocate nothing.
package enum Mark {
  package static func write(_ text: StaticString) {
    _ = unsafe Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
