import Foundation
import Testing

extension WaitingTests {
  /// Who comes in over TLS and with a password, and who does not.
  @Suite struct Security {
    /// "right", at cost 10.
    static let users = """
      basic_auth_users:
        prometheus: $2b$10$abcdefghijklmnopqrstuu1VS0P7v3ZJmd2gzBFIzgfN7OOl6Rl52

      """

    @Test func `a scrape needs TLS and a password, and so does every other page`() throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file=\(try certificates.configureTLS(and: Self.users))",
        "--web.enable-lifecycle")
      let web = "https://\(try weir.webAddress())"
      let trust = ["--cacert", certificates.path("ca.crt")]
      try weir.send("secret_total:1|c")
      let paths = [
        "/metrics", "/api/metrics/prometheus", "/", "/-/healthy", "/-/ready", "/debug/refused",
        "/nowhere",
      ]
      for path in paths {
        for credentials in [[], ["-u", "prometheus:wrong"], ["-u", "nobody:right"]] {
          let answer = try CurlAnswer(web + path, trust + credentials + ["-i"])
          #expect(answer.status == 401)
          #expect(answer.text.contains("WWW-Authenticate: Basic realm=\"weir\""))
        }
      }
      #expect(try CurlAnswer("\(web)/-/quit", trust + ["-X", "POST"]).status == 401)
      _ = try eventually("The counter") {
        let answer = try CurlAnswer("\(web)/metrics", trust + ["-u", "prometheus:right"])
        #expect(answer.status == 200)
        return answer.text.contains("secret_total 1\n") ? true : nil
      }
      #expect(try CurlAnswer("\(web)/-/healthy", ["-u", "prometheus:right"]).status == 0)
      #expect(try weir.stop() == .exit(0))
    }

    @Test func `Prometheus scrapes over HTTPS with a password and a certificate`() throws {
      let certificates = try Certificates()
      let file = try certificates.configureTLS(
        ["client_ca_file: ca.crt", "client_auth_type: RequireAndVerifyClientCert"], and: Self.users)
      let weir = try Weir("--web.config.file=\(file)")
      try weir.send("secret_total:3|c")
      let prometheus = try Prometheus(
        scraping: try weir.webAddress(),
        settings: [
          "scheme: https", "basic_auth: {username: prometheus, password: right}",
          "tls_config: {ca_file: \(certificates.path("ca.crt")), "
            + "cert_file: \(certificates.path("client.crt")), "
            + "key_file: \(certificates.path("client.key"))}",
        ])
      let stored = try eventually("A stored counter", within: 30) {
        try prometheus.query("secret_total").first?.value
      }
      #expect(stored == 3)
    }

    @Test func `TLS 1.2 and 1.3 are spoken, what is older is not, and a file may ask for more`()
      throws
    {
      let certificates = try Certificates()
      let trust = ["-CAfile", certificates.path("ca.crt"), "-verify_return_error"]
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let web = try weir.webAddress()
      for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let output = try tlsClient(web, trust + [flag])
        #expect(output.contains("Weir is healthy."))
        #expect(output.contains("New, \(version)"))
      }
      for flag in ["-tls1", "-tls1_1"] {
        let output = try tlsClient(web, [flag, "-cipher", "ALL:@SECLEVEL=0"])
        #expect(!output.contains("Weir is healthy."))
      }
      for suite in ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA"] {
        let output = try tlsClient(web, ["-tls1_2", "-cipher", "\(suite):@SECLEVEL=0"])
        #expect(!output.contains("Weir is healthy."))
      }
      let failures = try CurlAnswer(
        "https://\(web)/metrics", ["--cacert", certificates.path("ca.crt")])
      #expect(
        failures.text.contains(
          "weir_tls_handshake_failures_total{reason=\"no_common_version_or_suite\"} 4\n"))

      let newest = try Weir(
        "--web.config.file=\(try certificates.configureTLS(["min_version: TLS13"]))")
      #expect(try !tlsClient(newest.webAddress(), ["-tls1_2"]).contains("Weir is healthy."))
      #expect(try tlsClient(newest.webAddress(), ["-tls1_3"]).contains("Weir is healthy."))
      let chosen = try Weir(
        "--web.config.file="
          + (try certificates.configureTLS([
            "max_version: TLS12", "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]",
            "curve_preferences: [CurveP384]",
          ])))
      let output = try tlsClient(chosen.webAddress(), [])
      #expect(output.contains("Cipher is ECDHE-ECDSA-AES128-SHA"))
      #expect(output.contains("ECDH, secp384r1") || output.contains("ECDH, P-384"))
    }

    /// Who comes in beside `reader`, whose certificate is one of those that every setting lets in.
    static let clients: [(type: String, more: String?, letIn: Set<String>)] = [
      ("NoClientCert", nil, ["nobody", "client", "bare", "stranger"]),
      ("RequestClientCert", nil, ["nobody", "client", "bare", "stranger"]),
      ("RequireAnyClientCert", nil, ["client", "bare", "stranger"]),
      ("VerifyClientCertIfGiven", "client_ca_file: ca.crt", ["nobody", "client", "bare"]),
      ("RequireAndVerifyClientCert", "client_ca_file: ca.crt", ["client", "bare"]),
      (
        "RequireAndVerifyClientCert",
        "client_ca_file: ca.crt\n  client_allowed_sans: "
          + "[a, \"spiffe://weir.test/scraper\", reader.test]",
        ["client"]
      ),
      // A certificate's own name, a part of one, and one with more.
      (
        "RequireAndVerifyClientCert",
        "client_ca_file: ca.crt\n  client_allowed_sans: "
          + "[test, bare, client, x.prometheus.test, reader.test]",
        []
      ),
      (
        "VerifyClientCertIfGiven",
        "client_ca_file: ca.crt\n  client_allowed_sans: [prometheus.test, reader.test]", ["client"]
      ),
    ]

    @Test(arguments: clients)
    func `a client comes in by its certificate`(
      type: String, more: String?, letIn: Set<String>
    ) throws {
      let certificates = try Certificates()
      let lines = ["client_auth_type: \(type)"] + [more].compactMap { $0 }
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS(lines))")
      let web = try weir.webAddress()
      func own(_ client: String) -> [String] {
        ["crt", "key"].flatMap {
          ["-\($0 == "crt" ? "cert" : "key")", certificates.path("\(client).\($0)")]
        }
      }
      func handshakes() throws -> (done: Double, refused: Double, others: Double) {
        let answer = try CurlAnswer(
          "https://\(web)/metrics",
          ["--cacert", certificates.path("ca.crt"), "--cert", certificates.path("reader.crt")]
            + ["--key", certificates.path("reader.key")])
        let page = try Page(answer.text)
        let name = "weir_tls_handshake_failures_total"
        let refused = page.value(name, ["reason": "client_certificate"]) ?? 0
        return (page.sum("weir_tls_handshakes_total"), refused, page.sum(name) - refused)
      }
      for client in ["nobody", "client", "bare", "stranger"] {
        for version in ["-tls1_2", "-tls1_3"] {
          let before = try handshakes()
          let output = try tlsClient(web, (client == "nobody" ? [] : own(client)) + [version])
          let after = try handshakes()
          let isIn = letIn.contains(client)
          #expect(output.contains("Weir is healthy.") == isIn, "\(client) \(version)")
          // The server says the same, and that it is for the certificate's sake. One is the reader's.
          #expect(after.done - before.done == (isIn ? 2 : 1), "\(client) \(version)")
          #expect(after.refused - before.refused == (isIn ? 0 : 1), "\(client) \(version)")
          #expect(after.others == 0, "\(client) \(version)")
        }
      }
    }

    @Test func `an IP address of a certificate is an address, and other names are texts`() throws {
      let certificates = try Certificates()
      try certificates.make("client", names: "IP:2001:db8::1,IP:10.0.0.1,DNS:Name.test")
      let own = ["-cert", certificates.path("client.crt"), "-key", certificates.path("client.key")]
      let verified = ["client_ca_file: ca.crt", "client_auth_type: RequireAndVerifyClientCert"]
      for (allowed, letsIn) in [
        ("2001:db8::1", true), ("2001:0db8:0:0:0:0:0:1", true), ("2001:DB8::0:1", true),
        ("2001:db8::2", false), ("10.0.0.1", true), ("::ffff:10.0.0.1", false),
        ("10.0.0.0/8", false), ("Name.test", true), ("name.test", false), ("*.test", false),
      ] {
        let lines = verified + ["client_allowed_sans: [\"\(allowed)\"]"]
        let weir = try Weir("--web.config.file=\(try certificates.configureTLS(lines))")
        let output = try tlsClient(weir.webAddress(), own)
        #expect(output.contains("Weir is healthy.") == letsIn, "\(allowed)")
      }
    }

    @Test func `pages for probes need no password where it is so asked, and all else does`() throws
    {
      let certificates = try Certificates()
      let weir = try Weir(
        "--no-web.auth-health", "--web.enable-lifecycle",
        "--web.config.file=\(try certificates.configureTLS(and: Self.users))")
      let web = "https://\(try weir.webAddress())"
      let trust = ["--cacert", certificates.path("ca.crt")]
      for path in ["/-/healthy", "/-/ready", "/-/healthy?verbose"] {
        #expect(try CurlAnswer(web + path, trust).status == 200)
        #expect(try CurlAnswer(web + path, trust + ["-u", "nobody:wrong"]).status == 200)
      }
      for path in ["/", "/metrics", "/-/healthy/", "/-/../metrics", "//-/healthy", "/-/quit"] {
        #expect(try CurlAnswer(web + path, trust + ["-X", "POST"]).status == 401)
      }
      // Without TLS it is no password that is missing.
      #expect(try http(try weir.webAddress(), "/-/healthy").status == 400)
    }

    @Test func `more requests than the file grants are refused, whoever sends them`() throws {
      let certificates = try Certificates()
      let file = try certificates.configure("rate_limit: {interval: 1h, burst: 3}\n")
      let weir = try Weir("--web.config.file=\(file)", "--no-web.auth-health")
      let web = try weir.webAddress()
      for expected in [200, 200, 404, 429, 429] {
        #expect(try http(web, expected == 404 ? "/nowhere" : "/metrics").status == expected)
      }
      let refused = try http(web, "/metrics")
      #expect(refused.fields["retry-after"] == "3600")
      #expect(refused.text == "the request rate exceeds rate_limit; try again later\n")
      #expect(try http(web, "/-/ready").status == 200)
    }

    @Test func `plain HTTP on a TLS port is told so, and TLS on a plain port`() throws {
      let certificates = try Certificates()
      let secure = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let answer = try http(try secure.webAddress(), "/metrics")
      #expect(answer.status == 400)
      #expect(
        answer.text
          == "this port speaks HTTPS, not plain HTTP; use https:// in the address\n")
      let plain = try Weir()
      #expect(try !tlsClient(plain.webAddress(), []).contains("Weir is healthy."))
      // A first scrape shows a new series at 0.
      _ = try eventually("The count of the refused hello") {
        try http(try plain.webAddress(), "/metrics").text.contains("{code=\"400\"} 1\n")
          ? true : nil
      }
    }

    @Test func `headers of the file are on every answer`() throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file="
          + (try certificates.configure(
            "http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n")))
      for path in ["/metrics", "/nowhere", "/-/healthy"] {
        #expect(try http(try weir.webAddress(), path).fields["x-frame-options"] == "deny")
      }
    }
  }
}
