import Glibc
import WeirConfiguration

/// Why a command has failed, as a sentence, with its exit status.
package struct CommandFailure: Error, CustomStringConvertible, Equatable {
  package let description: String
  package let status: Int32

  /// The status of a command that has found trouble.
  static let troubleStatus: Int32 = 1
  /// The status of a command that can't reach what it asks.
  static let unreachableStatus: Int32 = 3

  static func trouble(_ sentence: String) -> CommandFailure {
    CommandFailure(description: sentence, status: troubleStatus)
  }

  static func unreachable(_ sentence: String) -> CommandFailure {
    CommandFailure(description: sentence, status: unreachableStatus)
  }

  /// Runs a command that asks a running Weir, and whose status 1 says something about its data. So what keeps the
  /// command from asking or from printing has the status of a Weir that can't be reached.
  static func asking(_ body: () async throws -> Void) async throws {
    signal(SIGPIPE, SIG_IGN)
    do {
      try await body()
    } catch is CommandOutput.Closed {
    } catch let error where !(error is UsageError || error is CommandFailure) {
      throw unreachable("\(error)")
    }
  }
}
