import WeirSecurity

/// Verifies passwords at the same cost for every user.
///
/// Otherwise the duration of a check would tell users with different bcrypt costs apart, and
/// existing users from others.
struct PasswordVerifier: Sendable {
  /// Whether the second argument is a bcrypt hash of the first.
  var matches: @Sendable ([UInt8], String) -> Bool = { Bcrypt.matches($0, $1) }

  /// Whether a password is correct.
  ///
  /// - Parameters:
  ///   - hash: The user's hash; nil for a user that does not exist.
  ///   - costliestHash: The hash with the highest cost among all users.
  /// - Complexity: 2^cost rounds of bcrypt at the cost of `costliestHash`, for every user. A
  ///   correct password takes only the rounds of its own hash; its sender knows already that it is
  ///   correct.
  func verify(_ password: [UInt8], hash: String?, costliestHash: String) -> Bool {
    guard let hash else {
      _ = matches(password, costliestHash)
      return false
    }
    if matches(password, hash) { return true }
    // 2^c rounds are done. 2^c + 2^(c+1) + … + 2^(d-1) more make 2^d.
    guard let cost = hash.bcryptCost, let highest = costliestHash.bcryptCost, cost < highest else {
      return false
    }
    for cost in cost..<highest { _ = matches(password, hash.withBcryptCost(cost)) }
    return false
  }
}

extension String {
  /// The cost in a bcrypt hash, `$2b$10$…`: the binary logarithm of its rounds.
  var bcryptCost: Int? { Int(dropFirst(4).prefix(2)) }

  fileprivate func withBcryptCost(_ cost: Int) -> String {
    prefix(4) + (cost < 10 ? "0" : "") + "\(cost)" + dropFirst(6)
  }
}
