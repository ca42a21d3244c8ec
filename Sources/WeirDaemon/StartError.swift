import WeirConfiguration
import WeirSockets

/// Why Weir can't start, as a sentence that says what to do.
package struct StartError: Error, CustomStringConvertible {
  package let description: String
}

/// Runs a step of the start, whose error ends the start.
func startStep<Part: ~Copyable, Failure: Error & CustomStringConvertible>(
  _ part: () throws(Failure) -> Part
) throws(StartError) -> Part {
  do throws(Failure) {
    return try part()
  } catch {
    throw StartError(description: error.description)
  }
}

extension ListenPlan {
  /// The addresses of a flag, after names are resolved.
  init(_ texts: [String], flag: String) throws(StartError) {
    do {
      try self.init(texts)
    } catch {
      throw StartError(description: "\(flag): \(error.description)")
    }
  }
}
