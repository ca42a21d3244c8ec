import Testing

@testable import WeirConfiguration

/// What exporter-toolkit accepts, a file for each kind, and what Weir makes of it.
@Suite("A file that is valid for the exporters")
struct WebConfigToolkitTests {
  private static let tls = "tls_server_config:\n  cert: a\n  key: b\n"
  private static func users(_ cost: String) -> String {
    "basic_auth_users:\n  bob: $2y$\(cost)$" + String(repeating: "a", count: 53)
  }
  private static let open =
    "it names neither a certificate nor users, so everybody has access, unencrypted; add "
    + "tls_server_config or basic_auth_users"
  private static let clear =
    "1: passwords are sent unencrypted without tls_server_config; add a certificate"

  /// Each text, and the warnings that follow `web.yml:`.
  static let taken: [(text: String, warnings: [String])] = [
    ("", [" \(open)"]),
    (tls, []),
    (
      tls + "  client_auth_type: VerifyClientCertIfGiven",
      [
        "4: VerifyClientCertIfGiven has no client_ca_file to verify with, so a client is accepted without "
          + "a certificate and refused with one; add client_ca_file, or leave client_auth_type out"
      ]
    ),
    (tls + "  client_auth_type: RequireAnyClientCert", []),
    (tls + "  client_auth_type: RequireClientCert", []),
    (tls + "  client_ca: c\n  client_auth_type: RequestClientCert", []),
    (
      tls + "  client_ca: c\n  client_auth_type: RequireAndVerifyClientCert\n"
        + "  client_allowed_sans:\n  - one\n  - 10.0.0.1",
      []
    ),
    (
      tls + "  cipher_suites:\n"
        + [
          "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        ].map { "  - \($0)\n" }.joined(),
      []
    ),
    (tls + "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]", []),
    (
      tls + "  prefer_server_cipher_suites: Yes\n  min_version: TLS12\n  max_version: TLS12\n"
        + "http_server_config:\n  http2: n\n",
      []
    ),
    (
      tls + "http_server_config:\n  headers:\n    X-XSS-Protection: 1\n"
        + "    X-Content-Type-Options: nosniff\n    X-Frame-Options: sameorigin\n"
        + "    Content-Security-Policy:\n    Strict-Transport-Security: \"max-age=1; preload\"\n",
      []
    ),
    (users("10"), [clear]),
    (users("14"), [clear]),
    (
      users("15"),
      [
        "2: the hash of \"bob\" has cost 15, so a check takes about 2s while other checks "
          + "wait; make one of cost 14 or less with htpasswd -nBC 10", clear,
      ]
    ),
    (
      users("18"),
      [
        "2: the hash of \"bob\" has cost 18, so a check takes about 13s while other checks "
          + "wait; make one of cost 14 or less with htpasswd -nBC 10", clear,
      ]
    ),
    (
      users("31"),
      [
        "2: the hash of \"bob\" has cost 31, so a check takes about 29h while other checks "
          + "wait; make one of cost 14 or less with htpasswd -nBC 10", clear,
      ]
    ),
    (tls + "rate_limit:\n  interval: 0\n  burst: 0", []),
    (tls + "rate_limit:\n  interval: \"1s\"\n  burst: 1", []),
  ]

  @Test("is accepted, with a warning if it should be changed", arguments: taken)
  func isTaken(_ text: String, _ warnings: [String]) throws {
    let config = try WebConfig.parse(Array(text.utf8), file: "web.yml")
    #expect(config.warnings == warnings.map { "web.yml:\($0)" })
  }

  /// Each text with the sentence that follows `web.yml:`.
  static let refused: [(text: String, sentence: String)] = [
    (
      tls + "  client_auth_type: RequireAndVerifyClientCert",
      "4: RequireAndVerifyClientCert needs certificates to verify with; add client_ca_file"
    ),
    (
      tls + "  min_version: TLS11",
      "4: min_version: TLS11 is weak and not supported; write TLS12 or TLS13"
    ),
    (
      users("09"),
      "2: the hash of \"bob\" has cost 9, which is quickly guessed; make one of cost 10 or more with "
        + "htpasswd -nBC 10"
    ),
    (
      "rate_limit:\n  interval: 1s\n  burst: 0",
      "3: rate_limit with a burst of 0 would refuse every request; write burst: 1 or more"
    ),
    (
      "tls_server_config:\n  cert_file: \"\"\n  key_file: \"\"",
      "2: cert_file is not the name of a file; write one, or leave the key out"
    ),
  ]

  @Test("is refused if it would protect nothing, or refuse everybody", arguments: refused)
  func isRefused(_ text: String, _ sentence: String) {
    let mistake = #expect(throws: FileMistake.self) {
      try WebConfig.parse(Array(text.utf8), file: "web.yml")
    }
    #expect(mistake?.description == "web.yml:\(sentence)")
  }

  @Test(
    "may have durations in Go's form",
    arguments: [
      ("0", 0), ("1s", 1_000_000_000), ("1.5s", 1_500_000_000), ("250ms", 250_000_000),
      ("1m30s", 90_000_000_000), ("2h", 7_200_000_000_000), ("10us", 10_000), ("10µs", 10_000),
      ("7ns", 7), (".5s", 500_000_000),
    ])
  func durations(_ text: String, _ nanoseconds: Int) {
    #expect(GoDuration.nanoseconds(text) == nanoseconds)
  }

  @Test(
    "has durations in no other form",
    arguments: ["", "1", "s", "-1s", "+1s", "1 s", "1d", "1s2", "1..2s", ".s", "9999999999999h"])
  func noDurations(_ text: String) {
    #expect(GoDuration.nanoseconds(text) == nil)
  }
}
