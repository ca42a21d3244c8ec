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
}
