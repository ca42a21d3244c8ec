/// Why the definition of a metric is invalid, as a sentence that says what to write instead.
///
/// Thrown when a handle is created, never when a value is recorded.
public struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}
