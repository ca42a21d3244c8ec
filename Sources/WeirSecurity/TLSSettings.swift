/// The settings for a server's TLS.
package struct TLSSettings: Sendable, Equatable {
  package enum Version: Sendable {
    case tls12, tls13
  }

  /// How client certificates are handled. `request` and `requireAny` do not verify them.
  package enum ClientAuth: Sendable {
    case none, request, requireAny, verifyIfGiven, requireAndVerify
  }

  /// The server's certificate and the intermediate certificates, in PEM.
  package var certificate: [UInt8]
  /// The certificate's private key, in PEM, without a passphrase.
  package var key: [UInt8]
  /// The certificate authorities for client certificates, in PEM; empty for none.
  package var clientCA: [UInt8] = []
  package var clientAuth = ClientAuth.none
  /// Subject alternative names (DNS names, e-mail addresses, IP addresses or URIs). A client's
  /// certificate must have one of them; if empty, any name is allowed.
  package var clientAllowedSANs: [String] = []
  package var minVersion = Version.tls12
  package var maxVersion = Version.tls13
  /// Suites of TLS 1.2 by OpenSSL's names. If empty: all with forward secrecy and authenticated
  /// encryption.
  package var cipherSuites12: [String] = []
  /// Suites of TLS 1.3 by OpenSSL's names; if empty, OpenSSL's default.
  package var cipherSuites13: [String] = []
  package var prefersServerCipherSuites = true
  /// Key exchange groups by OpenSSL's names. If empty: X25519MLKEM768 (if OpenSSL supports it),
  /// X25519 and P-256.
  package var groups: [String] = []

  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

/// The part of the settings that OpenSSL does not accept.
package enum TLSSetupError: Error, Equatable, Sendable {
  /// There is no valid certificate in PEM.
  case certificate
  /// The key or the signature of a certificate is too weak.
  case weakCertificate
  /// There is no private key in PEM without a passphrase.
  case key
  /// The key does not belong to the certificate.
  case mismatch
  /// There is no valid certificate of an authority in PEM.
  case clientCA
  /// A cipher suite is unknown.
  case cipherSuites
  /// A key exchange group is unknown.
  case groups
  /// OpenSSL failed, for example because there is no memory.
  case other
}
