import Testing

@testable import WeirConfiguration

@Suite("A web configuration that replaces another")
struct WebConfigProtectionTests {
  private static let tls = "tls_server_config:\n  cert: a\n  key: b\n"
  private static let users =
    "basic_auth_users:\n  a: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n"
  private static let rate = "rate_limit: {interval: 1s, burst: 5}\n"
  private static let headers = "http_server_config: {headers: {X-Frame-Options: deny}}\n"
  private static let verified =
    tls + "  client_ca: c\n  client_auth_type: RequireAndVerifyClientCert\n"
  private static let named = verified + "  client_allowed_sans: [a]\n"
  private static let end =
    ", and a reload must not remove protection; put it back, or restart weir without it"

  /// The configuration in force, the next one, and the sentence.
  static let table: [(old: String, new: String, sentence: String?)] = [
    (tls + users, tls + users, nil),
    (tls + users, "", "tls_server_config and basic_auth_users are missing\(end)"),
    (
      tls + users, "tls_server_config:\nbasic_auth_users: {}\n",
      "tls_server_config and basic_auth_users are missing\(end)"
    ),
    (tls + users, tls, "basic_auth_users is missing\(end)"),
    (tls + users, users, "tls_server_config is missing\(end)"),
    (tls, headers, "tls_server_config is missing\(end)"),
    (users, headers, "basic_auth_users is missing\(end)"),
    (tls + rate, tls, "rate_limit is missing\(end)"),
    (tls + rate, tls + "rate_limit: {interval: 0, burst: 5}\n", "rate_limit is missing\(end)"),
    (named, verified, "client_allowed_sans is missing\(end)"),
    (verified, tls, "client_auth_type is weaker\(end)"),
    (
      verified, tls + "  client_ca: c\n  client_auth_type: VerifyClientCertIfGiven\n",
      "client_auth_type is weaker\(end)"
    ),
    (
      verified, tls + "  client_auth_type: RequireAnyClientCert\n",
      "client_auth_type is weaker\(end)"
    ),
    (named, tls, "client_allowed_sans is missing and client_auth_type is weaker\(end)"),
    (
      named + users + rate, "",
      "tls_server_config and basic_auth_users and rate_limit are missing\(end)"
    ),
    // What is changed or added, or was no requirement, is allowed.
    (users, users.replacing("  a: ", with: "  b: "), nil),
    (rate, rate.replacing("5", with: "6"), nil),
    (tls + "  client_auth_type: RequireAnyClientCert\n", verified, nil),
    (tls + "  client_auth_type: RequestClientCert\n", tls, nil),
    (headers, "", nil),
    ("", tls + users + rate, nil),
  ]

  @Test("keeps every requirement of the other", arguments: table)
  func keeps(_ old: String, _ new: String, _ sentence: String?) throws {
    let old = try WebConfig.parse(Array(old.utf8), file: "web.yml")
    let new = try WebConfig.parse(Array(new.utf8), file: "web.yml")
    var said: String?
    do {
      try new.checkKeeps(old.protection)
    } catch {
      said = error.description
    }
    #expect(said == sentence.map { "web.yml: \($0)" })
  }
}
