extension WebConfig {
  /// What a configuration requires of clients, as far as a reload must not remove it.
  ///
  /// An empty file, or half of one, is a valid file without any protection. So a reload may change
  /// what is required, but not remove the requirement; only a restart does that.
  package struct Protection: Sendable, Equatable {
    fileprivate var hasTLS = false
    fileprivate var needsCertificate = false
    fileprivate var verifiesCertificates = false
    fileprivate var namesClients = false
    fileprivate var hasUsers = false
    fileprivate var hasRateLimit = false
  }

  package var protection: Protection {
    Protection(
      hasTLS: tls != nil, needsCertificate: tls?.clientAuth.requires ?? false,
      verifiesCertificates: tls?.clientAuth.verifies ?? false,
      namesClients: tls?.clientAllowedSANs.isEmpty == false, hasUsers: !users.isEmpty,
      hasRateLimit: rateLimit != nil)
  }

  /// Compares the configuration with the one in force.
  ///
  /// - Throws: `FileMistake`, if a requirement would be removed.
  package func checkKeeps(_ old: Protection) throws(FileMistake) {
    let new = protection
    var gone: [String] = []
    if old.hasTLS && !new.hasTLS { gone.append("tls_server_config") }
    if old.namesClients && new.hasTLS && !new.namesClients { gone.append("client_allowed_sans") }
    if old.hasUsers && !new.hasUsers { gone.append("basic_auth_users") }
    if old.hasRateLimit && !new.hasRateLimit { gone.append("rate_limit") }
    let asksLess =
      new.hasTLS
      && (old.needsCertificate && !new.needsCertificate
        || old.verifiesCertificates && !new.verifiesCertificates)
    var losses: [String] = []
    if !gone.isEmpty {
      losses.append("\(gone.joined(separator: " and ")) \(gone.count == 1 ? "is" : "are") missing")
    }
    if asksLess { losses.append("client_auth_type is weaker") }
    if losses.isEmpty { return }
    throw FileMistake(
      file, line: nil,
      "\(losses.joined(separator: " and ")), and a reload must not remove protection; put it back, or "
        + "restart weir without it")
  }
}
