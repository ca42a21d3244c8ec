/// What is wrong with how a metric is defined, as a sentence that says what to write instead.
///
/// It is thrown where the metric is asked for, and never by what is recorded.
public struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}
