/// Why the state file or its directory cannot be used: a sentence that says what to do.
package struct StateError: Error, Equatable, CustomStringConvertible {
  package let description: String
  /// The errno of the call that failed, or 0.
  package let code: Int32

  package init(_ description: String, code: Int32 = 0) {
    self.description = description
    self.code = code
  }
}
