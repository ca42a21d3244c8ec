// Safety: the SSL_CTX is made in `init`, is not changed after it, and is freed in `deinit`; OpenSSL
// counts references to it with atomics, so that sessions on other threads may outlive this object.
// It is kept as a number, for a pointer would have to promise more than that. PEM is lent to a
// memory BIO that is freed before the bytes go, and what is read from it is freed on every path.

import COpenSSL
import Glibc

/// The server's side of TLS, made once and shared by all its sessions.
///
/// TLS 1.2 and 1.3, without renegotiation, compression and resumed sessions: a scraper keeps its
/// connection, and a ticket would outlive the certificate that let its owner in.
package final class TLSContext: Sendable {
  let settings: TLSSettings
  /// When the server's own certificate ends, in seconds since 1970; nil for one that does not say.
  package let notAfter: Double?
  private let address: UInt

  /// - Throws: `TLSSetupError`.
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

  /// Ephemeral keys and authenticated encryption, as everything that speaks TLS 1.2 today has them.
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

  /// Groups for the exchange of keys that cost the server little: 0.05 ms each, where OpenSSL's own
  /// list has some of up to 100 ms, which a client may pick. The first is in OpenSSL 3.5 and later.
  private static let defaultGroups = ["X25519MLKEM768", "X25519", "P-256"]

  private static func setGroups(
    _ settings: TLSSettings, _ raw: OpaquePointer
  ) throws(TLSSetupError) {
    guard settings.groups.isEmpty else {
      let isSet = unsafe weir_groups(raw, settings.groups.joined(separator: ":")) == 1
      guard isSet else { throw .groups }
      return
    }
    // A list with a group that this OpenSSL does not know is refused whole.
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
    // Fails for a key or a signature below OpenSSL's security level, which is 112 bits.
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
    // `request` and `requireAny` let any certificate in, so that no chain is built or verified: a
    // client could make one that takes long.
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

  /// Every certificate in PEM, for the caller to free; none where one of them is broken.
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
      // At the end of the bytes no further one begins; anything else is one that is broken.
      if weir_error_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE { return unsafe found }
      for index in unsafe found.indices { unsafe X509_free(found[index]) }
      return unsafe []
    }
  }

  /// When the first certificate in PEM ends.
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

  /// In place of OpenSSL's own, which asks at the terminal.
  private static var noPassphrase:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
  {
    { _, _, _, _ in -1 }
  }
}
