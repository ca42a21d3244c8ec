/// A mistake in the command line, as a sentence that says what to do.
package struct UsageError: Error, Equatable {
  package let sentence: String

  package init(sentence: String) {
    self.sentence = sentence
  }
}
