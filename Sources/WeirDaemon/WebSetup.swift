import WeirConfiguration
import WeirSecurity

/// A web configuration file and its certificates, completely checked.
struct WebSetup: Sendable {
  let config: WebConfig
  /// Nil serves plain HTTP.
  let tls: TLSContext?

  /// Reads the file and the certificates that it names.
  static func load(_ file: String) throws(FileMistake) -> WebSetup {
    let config = try WebConfig.load(file)
    guard let tls = config.tls else { return WebSetup(config: config, tls: nil) }
    do throws(TLSSetupError) {
      return WebSetup(config: config, tls: try TLSContext(TLSSettings(tls)))
    } catch {
      throw config.mistake(about: error, in: tls)
    }
  }
}

extension WebConfig {
  /// An error of OpenSSL, with the line of the file.
  fileprivate func mistake(about error: TLSSetupError, in tls: TLS) -> FileMistake {
    func name(_ pem: PEM) -> String { pem.path ?? pem.key }
    let (certificate, key) = (name(tls.certificate), name(tls.key))
    switch error {
    case .certificate:
      return mistake(
        tls.certificate.line, "\(certificate) contains no certificate in PEM; name a file that does"
      )
    case .weakCertificate:
      return mistake(
        tls.certificate.line,
        "the certificate in \(certificate) is too weak; use one with a key of 2048 bits RSA "
          + "or 256 bits ECDSA, signed with SHA-256")
    case .key:
      return mistake(
        tls.key.line,
        "\(key) contains no private key in PEM without a passphrase; name a file that does")
    case .mismatch:
      return mistake(
        tls.key.line,
        "the key in \(key) does not belong to the certificate in \(certificate); name a matching "
          + "pair")
    case .clientCA:
      let line = tls.clientCA?.line ?? tls.certificate.line
      return mistake(
        line,
        "\(tls.clientCA.map(name) ?? "client_ca_file") contains no certificates in PEM; name a "
          + "file that does")
    case .groups:
      return mistake(
        tls.groupsLine ?? tls.certificate.line,
        "curve_preferences has a curve that this OpenSSL does not support; leave out X25519MLKEM768"
      )
    case .cipherSuites:
      return mistake(
        tls.certificate.line, "this OpenSSL supports none of cipher_suites; leave the key out")
    case .other:
      return mistake(
        tls.certificate.line,
        "OpenSSL cannot set up TLS, probably because memory is short; try again")
    }
  }
}

extension TLSSettings {
  fileprivate init(_ tls: WebConfig.TLS) {
    self.init(certificate: tls.certificate.bytes, key: tls.key.bytes)
    clientCA = tls.clientCA?.bytes ?? []
    clientAuth =
      switch tls.clientAuth {
      case .none: .none
      case .request: .request
      case .requireAny: .requireAny
      case .verifyIfGiven: .verifyIfGiven
      case .requireAndVerify: .requireAndVerify
      }
    clientAllowedSANs = tls.clientAllowedSANs
    minVersion = tls.minVersion == .tls12 ? .tls12 : .tls13
    maxVersion = tls.maxVersion == .tls12 ? .tls12 : .tls13
    cipherSuites12 = tls.cipherSuites12
    cipherSuites13 = tls.cipherSuites13
    prefersServerCipherSuites = tls.prefersServerCipherSuites
    groups = tls.groups
  }
}
