/// A cipher suite by its IANA name, as in Go and in the exporters' files.
enum CipherSuite: Equatable {
  /// With the name that OpenSSL uses.
  case tls12(String)
  case tls13(String)
  /// Without forward secrecy, or with a broken algorithm.
  case weak
  case unknown

  init(_ name: String) {
    if let known = Self.table.first(where: { $0.name == name }) {
      self = known.suite
      return
    }
    let isWeak =
      name.hasPrefix("TLS_RSA_") || name.contains("_RC4_") || name.contains("_3DES_")
      || name.hasPrefix("TLS_ECDHE_") && name.hasSuffix("_CBC_SHA256")
    self = isWeak ? .weak : .unknown
  }

  /// The supported names, the most common first.
  static var names: [String] { table.map(\.name) }

  private static let table: [(name: String, suite: CipherSuite)] = [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .tls12("ECDHE-ECDSA-AES128-GCM-SHA256")),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", .tls12("ECDHE-RSA-AES128-GCM-SHA256")),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", .tls12("ECDHE-ECDSA-AES256-GCM-SHA384")),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", .tls12("ECDHE-RSA-AES256-GCM-SHA384")),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", .tls12("ECDHE-ECDSA-CHACHA20-POLY1305")),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", .tls12("ECDHE-RSA-CHACHA20-POLY1305")),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", .tls12("ECDHE-ECDSA-CHACHA20-POLY1305")),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", .tls12("ECDHE-RSA-CHACHA20-POLY1305")),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", .tls12("ECDHE-ECDSA-AES128-SHA")),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", .tls12("ECDHE-RSA-AES128-SHA")),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", .tls12("ECDHE-ECDSA-AES256-SHA")),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", .tls12("ECDHE-RSA-AES256-SHA")),
    ("TLS_AES_128_GCM_SHA256", .tls13("TLS_AES_128_GCM_SHA256")),
    ("TLS_AES_256_GCM_SHA384", .tls13("TLS_AES_256_GCM_SHA384")),
    ("TLS_CHACHA20_POLY1305_SHA256", .tls13("TLS_CHACHA20_POLY1305_SHA256")),
  ]
}
