import Foundation
import Testing

@testable import WeirConfiguration

@Suite("A web configuration file with a mistake")
struct WebConfigMistakeTests {
  /// Each text with the sentence that follows `web.yml:`.
  static let table: [(String, String)] = [
    (
      "tls_server_confg:\n  cert_file: a",
      #"1: "tls_server_confg" is not a key; did you mean tls_server_config?"#
    ),
    (
      "nonsense: 1",
      #"1: "nonsense" is not a key; the keys are tls_server_config, http_server_config, "#
        + "basic_auth_users, rate_limit"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  key_fil: x",
      #"4: "key_fil" is not a key in tls_server_config; did you mean key_file?"#
    ),
    (
      "- a",
      "1: the file is a list but must be a map; write keys such as tls_server_config: below it"
    ),
    (
      "tls_server_config: yes",
      "1: tls_server_config is a text but must be a map; write keys such as cert_file: below it"
    ),
    (
      "basic_auth_users:\n  a: x\n  a: y",
      #"3: "a" is given twice, first on line 2; leave one of them out"#
    ),
    (
      "a: &x 1\nb: *x",
      "2: aliases are not supported; write the value out"
    ),
    ("a: b\n---\nc: d", "2: a second document follows; keep one"),
    ("? [a]\n: b", "1: a key is not a plain text; write a name such as tls_server_config"),
    (
      "tls_server_config: {key: a, client_auth_type: NoClientCert}",
      "1: tls_server_config has no cert_file; name the server's certificate"
    ),
    (
      "tls_server_config:\n  cert: a",
      "2: tls_server_config has no key_file; name the certificate's key"
    ),
    (
      "tls_server_config:\n  cert: a\n  key_file: /nowhere/server.key",
      #"3: key_file: "/nowhere/server.key" cannot be read, there is no such file; name one that can be read"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  cert_file: x",
      "2: cert and cert_file are both given; leave one of them out"
    ),
    (
      "tls_server_config:\n  cert_file: /dev/zero\n  key: b",
      #"2: cert_file: "/dev/zero" cannot be read, it is not a regular file; name one that can be read"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_auth_type: RequireAndVerifyClientCrt",
      #"4: client_auth_type: "RequireAndVerifyClientCrt" is not a choice; did you mean RequireAndVerifyClientCert?"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_auth_type: RequireAndVerifyClientCert",
      "4: RequireAndVerifyClientCert needs certificates to verify with; add client_ca_file"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_auth_type: VerifyClientCertIfGiven\n"
        + "  client_allowed_sans: [a]",
      "4: VerifyClientCertIfGiven needs certificates to verify with; add client_ca_file"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_ca: c\n"
        + "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: []",
      "6: client_allowed_sans is empty, so every client would be refused; name one, or leave the key out"
    ),
    (
      "tls_server_config:\n  cert_file:\n  key_file:",
      "2: cert_file has no value; write one, or leave the key out"
    ),
    (
      "rate_limit:\n  burst: 3",
      "2: rate_limit has no interval; write one such as 1s, or leave rate_limit out"
    ),
    (
      "rate_limit:\n  interval: 1s",
      "2: rate_limit with a burst of 0 would refuse every request; write burst: 1 or more"
    ),
    (
      "rate_limit:\n  interval: 1s\n  burst: 0",
      "3: rate_limit with a burst of 0 would refuse every request; write burst: 1 or more"
    ),
    (
      "rate_limit:\n  interval: 5\n  burst: 1",
      #"2: interval: "5" is not a duration up to 24h; write one with its unit, such as 100ms or 1s"#
    ),
    (
      "rate_limit:\n  interval: 25h\n  burst: 1",
      #"2: interval: "25h" is not a duration up to 24h; write one with its unit, such as 100ms or 1s"#
    ),
    (
      "rate_limit:\n  interval: 1s\n  burst: many",
      "3: burst is not a number of requests; write one from 1 to 100000"
    ),
    (
      "rate_limit:\n  interval: 1s\n  burst: 100001",
      "3: burst is not a number of requests; write one from 1 to 100000"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_ca: c",
      "4: client_ca is given, but no client certificate is requested; "
        + "add client_auth_type: RequireAndVerifyClientCert"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  client_allowed_sans: [x]",
      "4: client_allowed_sans has no effect if certificates are not verified; "
        + "add client_auth_type: RequireAndVerifyClientCert"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  min_version: TLS10",
      "4: min_version: TLS10 is weak and not supported; write TLS12 or TLS13"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  max_version: TLS14",
      #"4: max_version: "TLS14" is not a version; write TLS12 or TLS13"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  min_version: TLS13\n  max_version: TLS12",
      "5: max_version is below min_version; swap them"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  cipher_suites:\n  - TLS_RSA_WITH_AES_128_CBC_SHA",
      "5: cipher_suites: TLS_RSA_WITH_AES_128_CBC_SHA is weak and not supported; leave it out"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  cipher_suites: [TLS_AES_128_GCM_SHA257]",
      #"4: cipher_suites: "TLS_AES_128_GCM_SHA257" is unknown; did you mean TLS_AES_128_GCM_SHA256?"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  max_version: TLS12\n"
        + "  cipher_suites: [TLS_AES_128_GCM_SHA256]",
      "5: cipher_suites has none for TLS 1.2, which max_version requires; add one"
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  curve_preferences: [P256]",
      #"4: "P256" is not a supported curve; the curves are X25519, CurveP256, CurveP384, CurveP521, X25519MLKEM768"#
    ),
    (
      "tls_server_config:\n  cert: a\n  key: b\n  prefer_server_cipher_suites: 1",
      "4: prefer_server_cipher_suites is not true or false; write one of them"
    ),
    (
      "http_server_config:\n  http2: maybe",
      "2: http2 is not true or false; write one of them"
    ),
    (
      "http_server_config:\n  headers:\n    X-Frame-Option: deny",
      #"3: "X-Frame-Option" is not a header that can be set; did you mean X-Frame-Options?"#
    ),
    (
      "http_server_config:\n  headers:\n    X-Frame-Options: allow",
      #"3: X-Frame-Options is "allow"; write deny or sameorigin"#
    ),
    (
      "http_server_config:\n  headers:\n    Content-Security-Policy: \"a\\r\\nb\"",
      "3: Content-Security-Policy has a character that is not allowed in a header; write visible ASCII"
    ),
    (
      "http_server_config:\n  http2: true\nbasic_auth_users:",
      "3: basic_auth_users has no value; name a user, or leave it out"
    ),
    (
      "basic_auth_users:\n  alice: secret",
      #"2: the password of "alice" is not a bcrypt hash; make one with htpasswd -nBC 10"#
    ),
    (
      "basic_auth_users:\n  alice: $2y$05$" + String(repeating: "a", count: 53),
      #"2: the hash of "alice" has cost 5, which is quickly guessed; make one of cost 10 or more "#
        + "with htpasswd -nBC 10"
    ),
    (
      "basic_auth_users:\n  al:ice: $2y$10$" + String(repeating: "a", count: 53),
      #"2: "al:ice" is not a user name; write one that is not empty and has no colon"#
    ),
    (
      "basic_auth_users:\n  alice: [a]",
      "2: alice is a list but must be a text; write a text"
    ),
  ]

  @Test("is told in one sentence with its line", arguments: table)
  func isTold(_ text: String, _ sentence: String) {
    #expect(mistake(in: Array(text.utf8)) == "web.yml:\(sentence)")
  }

  @Test("may be hostile: what is too deep, too long, not text or not terminated is refused")
  func isRefused() {
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(mistake(in: deep) == "web.yml:1: maps and lists are more than 16 deep; flatten them")
    let nested = Array((0..<5_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined().utf8)
    #expect(nested.count > YAMLParser.bytesMax || mistake(in: nested).contains("16 deep"))
    let dashes = Array(String(repeating: "- ", count: 400_000).utf8)
    #expect(mistake(in: dashes).contains("16 deep"))
    let huge = [UInt8](repeating: 0x20, count: YAMLParser.bytesMax + 1)
    #expect(mistake(in: huge) == "web.yml: the file is longer than 1MiB; shorten it")
    let many = Array(("a: [" + String(repeating: "1,", count: 30_000) + "]").utf8)
    #expect(mistake(in: many) == "web.yml:1: the file has more than 20000 values; shorten it")
    #expect(
      mistake(in: [0x61, 0x3a, 0x20, 0xff, 0xfe]).hasPrefix("web.yml: this is not YAML in UTF-8"))
    #expect(mistake(in: [0x61, 0, 0x62]).hasPrefix("web.yml: this is not YAML in UTF-8"))
    #expect(mistake(in: Array("a: \"b".utf8)).contains(": this is not YAML ("))
    #expect(mistake(in: Array("a:\n\t- b".utf8)).hasPrefix("web.yml:2: this is not YAML ("))
  }

  @Test("that does not exist is named")
  func isNotThere() {
    #expect(
      throws: FileMistake(
        "/nowhere/web.yml", line: nil,
        "there is no such file; name a file of YAML with --web.config.file")
    ) {
      try WebConfig.load("/nowhere/web.yml")
    }
  }

  private func mistake(in bytes: [UInt8]) -> String {
    do throws(FileMistake) {
      return "no mistake: \(try WebConfig.parse(bytes, file: "web.yml"))"
    } catch {
      return error.description
    }
  }
}
