/// What a server's TLS is made of.
package struct TLSSettings: Sendable, Equatable {
  package enum Version: Sendable {
    case tls12, tls13
  }

  /// What becomes of a client's certificate.
  package enum ClientAuth: Sendable {
    case none, request, requireAny, verifyIfGiven, requireAndVerify
  }

  /// The server's certificate and those between it and its root, in PEM.
  package var certificate: [UInt8]
  /// Its private key, in PEM, without a passphrase.
  package var key: [UInt8]
  /// The roots of the clients' certificates, in PEM; empty has none.
  package var clientCA: [UInt8] = []
  package var clientAuth = ClientAuth.none
  /// One of these a client's certificate must carry as a name, e-mail or IP address or URI; empty
  /// asks for none.
  package var clientAllowedSANs: [String] = []
  package var minVersion = Version.tls12
  package var maxVersion = Version.tls13
  /// By OpenSSL's names; empty stands for those of TLS 1.2 that keep old recordings secret and
  /// authenticate what they encrypt.
  package var cipherSuites12: [String] = []
  /// By OpenSSL's names; empty stands for OpenSSL's own.
  package var cipherSuites13: [String] = []
  package var prefersServerCipherSuites = true
  /// By OpenSSL's names; empty stands for X25519MLKEM768, where OpenSSL has it, X25519 and P-256.
  package var groups: [String] = []

  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

/// What OpenSSL does not like about settings.
package enum TLSSetupError: Error, Equatable, Sendable {
  /// No certificate in PEM.
  case certificate
  /// A certificate whose key or signature is too short to be of use.
  case weakCertificate
  /// No private key in PEM without a passphrase.
  case key
  /// A key of another certificate.
  case mismatch
  case clientCA
  case cipherSuites
  case groups
  /// OpenSSL itself fails, such as for want of memory.
  case other
}
