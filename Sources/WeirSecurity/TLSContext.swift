// Safety: the SSL_CTX is created in `init`, not changed afterwards, and freed in `deinit`. OpenSSL
// counts references to it with atomics, so sessions on other threads may outlive this object. It is
// stored as a number because a pointer is not Sendable. A memory BIO reads PEM only during a call,
// and everything read from it is freed on every path.

import COpenSSL
import Glibc

/// The server side of TLS, shared by all sessions with the same settings.
///
/// TLS 1.2 and 1.3 without renegotiation, compression and session resumption. Scrapers keep their
/// connections, and a session ticket would stay valid after the client certificate has expired.
package final class TLSContext: Sendable {
  let settings: TLSSettings
  /// When the server's certificate expires, in seconds since 1970; nil if it cannot be read.
  package let notAfter: Double?
  private let address: UInt

  /// - Throws: `TLSSetupError` with the part of the settings that OpenSSL does not accept.
  package init(_ settings: TLSSettings) throws(TLSSetupError) {
    self.settings = settings
    notAfter = Self.notAfter(settings.certificate)
    guard let raw = unsafe SSL_CTX_new(TLS_server_method()) else { throw .other }
    address = UInt(bitPattern: raw)
    ERR_clear_error()
    unsafe weir_modes(raw)
    var options = UInt64(bitPattern: Int64(SSL_OP_NO_RENEGOTIATION_FLAG))
    options |= SSL_OP_NO_TICKET_FLAG | SSL_OP_NO_COMPRESSION_FLAG
    if settings.prefersServerCipherSuites { options |= SSL_OP_CIPHER_SERVER_PREFERENCE_FLAG }
    unsafe SSL_CTX_set_options(raw, options)
    unsafe SSL_CTX_set_num_tickets(raw, 0)
    defer { ERR_clear_error() }
    guard unsafe weir_min_version(raw, Self.number(settings.minVersion)) == 1,
      unsafe weir_max_version(raw, Self.number(settings.maxVersion)) == 1
    else { throw .other }
    try unsafe Self.setCipherSuites(settings, raw)
    try unsafe Self.setCertificate(settings, raw)
    try unsafe Self.setClients(settings, raw)
  }

  deinit {
    unsafe SSL_CTX_free(raw)
  }

  var raw: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

  private static func number(_ version: TLSSettings.Version) -> Int32 {
    version == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION
  }

  /// Suites of TLS 1.2 with ephemeral keys and authenticated encryption. All current clients have
  /// them.
  private static let defaultSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"

  private static func setCipherSuites(
    _ settings: TLSSettings, _ raw: OpaquePointer
  ) throws(TLSSetupError) {
    let suites12 =
      settings.cipherSuites12.isEmpty
      ? defaultSuites : settings.cipherSuites12.joined(separator: ":")
    guard unsafe SSL_CTX_set_cipher_list(raw, suites12) == 1 else { throw .cipherSuites }
    if !settings.cipherSuites13.isEmpty {
      let suites13 = settings.cipherSuites13.joined(separator: ":")
      guard unsafe SSL_CTX_set_ciphersuites(raw, suites13) == 1 else { throw .cipherSuites }
    }
    try unsafe setGroups(settings, raw)
  }

  /// Key exchange groups that are cheap for the server: 0.05 ms each. OpenSSL's default list
  /// includes groups that take up to 100 ms, and the client can choose. The first one needs OpenSSL
  /// 3.5.
  private static let defaultGroups = ["X25519MLKEM768", "X25519", "P-256"]

  private static func setGroups(
    _ settings: TLSSettings, _ raw: OpaquePointer
  ) throws(TLSSetupError) {
    guard settings.groups.isEmpty else {
      let isSet = unsafe weir_groups(raw, settings.groups.joined(separator: ":")) == 1
      guard isSet else { throw .groups }
      return
    }
    // OpenSSL refuses the whole list if it does not know one of the groups.
    let lists = [defaultGroups, Array(defaultGroups.dropFirst())]
    let isSet = lists.contains { unsafe weir_groups(raw, $0.joined(separator: ":")) == 1 }
    guard isSet else { throw .groups }
  }

  private static func setCertificate(
    _ settings: TLSSettings, _ raw: OpaquePointer
  ) throws(TLSSetupError) {
    let chain = unsafe certificates(in: settings.certificate)
    defer { for index in unsafe chain.indices { unsafe X509_free(chain[index]) } }
    guard let own = unsafe chain.first else { throw .certificate }
    // Fails for a key or signature below OpenSSL's security level of 112 bits.
    guard unsafe SSL_CTX_use_certificate(raw, own) == 1 else { throw .weakCertificate }
    for index in unsafe chain.indices.dropFirst() {
      guard unsafe weir_add_chain_certificate(raw, chain[index]) == 1 else {
        throw .weakCertificate
      }
    }
    guard let key = unsafe privateKey(in: settings.key) else { throw .key }
    defer { unsafe EVP_PKEY_free(key) }
    guard unsafe X509_check_private_key(own, key) == 1 else { throw .mismatch }
    guard unsafe SSL_CTX_use_PrivateKey(raw, key) == 1 else { throw .key }
  }

  private static func setClients(
    _ settings: TLSSettings, _ raw: OpaquePointer
  ) throws(TLSSetupError) {
    if !settings.clientCA.isEmpty {
      let roots = unsafe certificates(in: settings.clientCA)
      defer { for index in unsafe roots.indices { unsafe X509_free(roots[index]) } }
      guard unsafe !roots.isEmpty, let store = unsafe SSL_CTX_get_cert_store(raw) else {
        throw .clientCA
      }
      for index in unsafe roots.indices {
        guard unsafe X509_STORE_add_cert(store, roots[index]) == 1,
          unsafe SSL_CTX_add_client_CA(raw, roots[index]) == 1
        else { throw .clientCA }
      }
    }
    let optional = SSL_VERIFY_PEER
    let required = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
    // `request` and `requireAny` accept any certificate. Verification is disabled because a client
    // could send a chain that is expensive to verify.
    if settings.clientAuth == .request || settings.clientAuth == .requireAny {
      unsafe SSL_CTX_set_cert_verify_callback(raw, { _, _ in 1 }, nil)
    }
    switch settings.clientAuth {
    case .none: unsafe SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nil)
    case .request: unsafe SSL_CTX_set_verify(raw, optional, nil)
    case .requireAny: unsafe SSL_CTX_set_verify(raw, required, nil)
    case .verifyIfGiven: unsafe SSL_CTX_set_verify(raw, optional, nil)
    case .requireAndVerify: unsafe SSL_CTX_set_verify(raw, required, nil)
    }
  }

  /// All certificates in PEM; none if one of them is malformed. The caller frees them.
  private static func certificates(in pem: [UInt8]) -> [OpaquePointer] {
    unsafe pem.withUnsafeBytes { bytes in
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
        return unsafe []
      }
      defer { unsafe BIO_free(bio) }
      var found: [OpaquePointer] = unsafe []
      ERR_clear_error()
      while let certificate = unsafe PEM_read_bio_X509(bio, nil, noPassphrase, nil) {
        unsafe found.append(certificate)
      }
      // "No start line" means the end of the input. Any other error is a malformed certificate.
      if weir_error_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE { return unsafe found }
      for index in unsafe found.indices { unsafe X509_free(found[index]) }
      return unsafe []
    }
  }

  /// Whether there are certificates in PEM, and nothing that is malformed.
  package static func hasCertificates(_ pem: [UInt8]) -> Bool {
    let found = unsafe certificates(in: pem)
    for index in unsafe found.indices { unsafe X509_free(found[index]) }
    return unsafe !found.isEmpty
  }

  /// When the first certificate in PEM expires, in seconds since 1970.
  private static func notAfter(_ pem: [UInt8]) -> Double? {
    let chain = unsafe certificates(in: pem)
    defer { for index in unsafe chain.indices { unsafe X509_free(chain[index]) } }
    var time = unsafe tm()
    guard let own = unsafe chain.first, unsafe ASN1_TIME_to_tm(X509_get0_notAfter(own), &time) == 1
    else { return nil }
    return Double(unsafe timegm(&time))
  }

  private static func privateKey(in pem: [UInt8]) -> OpaquePointer? {
    unsafe pem.withUnsafeBytes { bytes in
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
        return nil
      }
      defer { unsafe BIO_free(bio) }
      return unsafe PEM_read_bio_PrivateKey(bio, nil, noPassphrase, nil)
    }
  }

  /// Replaces OpenSSL's callback, which asks for the passphrase on the terminal.
  private static var noPassphrase:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
  {
    { _, _, _, _ in -1 }
  }
}
