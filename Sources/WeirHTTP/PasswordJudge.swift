import WeirSecurity

/// Tells whether a password is right, at the same cost for every user.
///
/// The time of a check would otherwise tell users whose hashes have unlike costs from each other, and
/// from users that do not exist.
struct PasswordJudge: Sendable {
  /// Whether the second is the hash of the first.
  var matches: @Sendable ([UInt8], String) -> Bool = { Bcrypt.matches($0, $1) }

  /// - Parameters:
  ///   - hash: that of the user; nil for a user that does not exist.
  ///   - costliest: the hash of all users that takes longest.
  /// - Complexity: 2^cost rounds of bcrypt with the cost of `costliest`, whatever the user's; fewer only
  ///   for a right password, which tells by being right.
  func judge(_ password: [UInt8], hash: String?, costliest: String) -> Bool {
    guard let hash else {
      _ = matches(password, costliest)
      return false
    }
    if matches(password, hash) { return true }
    // 2^c is done. With 2^c + 2^(c+1) + … + 2^(d-1) more it is 2^d.
    guard let least = hash.bcryptCost, let most = costliest.bcryptCost, least < most else {
      return false
    }
    for cost in least..<most { _ = matches(password, hash.withBcryptCost(cost)) }
    return false
  }
}

extension String {
  /// The cost in a bcrypt hash, `$2b$10$…`: the logarithm of its rounds.
  var bcryptCost: Int? { Int(dropFirst(4).prefix(2)) }

  fileprivate func withBcryptCost(_ cost: Int) -> String {
    prefix(4) + (cost < 10 ? "0" : "") + "\(cost)" + dropFirst(6)
  }
}
