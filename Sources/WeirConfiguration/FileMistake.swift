/// A mistake in a configuration file.
///
/// `description` is one sentence for the operator: file and line, what is wrong, and what to do.
package struct FileMistake: Error, Equatable, CustomStringConvertible {
  package let description: String

  /// - Parameters:
  ///   - file: The file as the operator wrote it.
  ///   - line: The line, from 1; nil for the whole file.
  package init(_ file: String, line: Int?, _ sentence: String) {
    description = "\(file.escaped):\(line.map { "\($0):" } ?? "") \(sentence)"
  }
}
