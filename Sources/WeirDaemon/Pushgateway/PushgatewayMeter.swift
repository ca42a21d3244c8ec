import WeirBytes

/// Counts requests for groups.
final class PushgatewayMeter: Sendable {
  enum Result: String, CaseIterable, Sendable {
    case accepted
    /// It could not be read.
    case malformed
    /// It could be read, but not shown with everything else.
    case inconsistent
  }

  struct Key: Hashable, Sendable {
    let method: String
    let result: Result
  }

  static let methods = ["PUT", "POST", "DELETE"]

  private let counts = Locked<[Key: Int]>([:])

  var reading: [Key: Int] { counts.withLock { $0 } }

  func count(_ method: String, _ result: Result) {
    counts.withLock { $0[Key(method: method, result: result), default: 0] += 1 }
  }
}
