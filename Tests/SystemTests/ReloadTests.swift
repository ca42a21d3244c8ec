import Foundation
import Testing

extension WaitingTests {
  /// What is read anew while the server runs, and what is checked without one.
  @Suite struct Reload {
    private func serial(_ weir: Weir) throws -> String {
      let output = try tlsClient(try weir.webAddress(), ["-showcerts"])
      guard let start = output.range(of: "-----BEGIN CERTIFICATE-----"),
        let end = output.range(of: "-----END CERTIFICATE-----")
      else { throw HarnessError("No certificate was shown: \(output)") }
      return String(output[start.upperBound..<end.lowerBound])
    }

    private func healthy(_ weir: Weir, _ certificates: Certificates) throws -> Bool {
      try CurlAnswer(
        "https://\(weir.webAddress())/-/healthy", ["--cacert", certificates.path("ca.crt")]
      ).status == 200
    }

    private func page(_ weir: Weir, _ certificates: Certificates) throws -> Page {
      let answer = try CurlAnswer(
        "https://\(try weir.webAddress())/metrics", ["--cacert", certificates.path("ca.crt")])
      return try Page(answer.text)
    }

    @Test func `a new certificate is in force without being asked for`() throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let before = try serial(weir)
      try certificates.make("server", names: "DNS:weir.test,IP:127.0.0.1")
      _ = try eventually("The new certificate", within: 30) {
        try serial(weir) != before ? true : nil
      }
      #expect(try healthy(weir, certificates))
    }

    @Test func `a certificate and its key may be exchanged one after the other`() throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let before = try serial(weir)
      try certificates.make("next", names: "DNS:weir.test,IP:127.0.0.1")
      let metric = "weir_web_config_last_reload_successful"
      rename(certificates.path("next.crt"), certificates.path("server.crt"))
      _ = try eventually("A metric of 0", within: 30) {
        try page(weir, certificates).value(metric) == 0 ? true : nil
      }
      #expect(try serial(weir) == before)
      rename(certificates.path("next.key"), certificates.path("server.key"))
      _ = try eventually("A metric of 1", within: 30) {
        try page(weir, certificates).value(metric) == 1 ? true : nil
      }
      #expect(try serial(weir) != before)
      #expect(weir.log.count { $0["level"] == "error" } == 1)
    }

    @Test func `the end of the certificate in force is a metric`() throws {
      let certificates = try Certificates()
      try certificates.make("server", names: "DNS:weir.test,IP:127.0.0.1", days: 3)
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let name = "weir_tls_certificate_not_after_timestamp_seconds"
      #expect(try page(weir, certificates).value(name) == certificates.end(of: "server"))
      try certificates.make("server", names: "DNS:weir.test,IP:127.0.0.1", days: 9)
      let end = try certificates.end(of: "server")
      _ = try eventually("The new end", within: 30) {
        try page(weir, certificates).value(name) == end ? true : nil
      }
      #expect(try Weir().scrape().value(name) == nil)
    }

    @Test func `a broken file leaves the old one in force, and says so until it is mended`() throws
    {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      #expect(
        try page(weir, certificates).value("weir_web_config_last_reload_successful") == 1)
      try certificates.configure("tls_server_config:\n  cert_file: server.crt\n")
      _ = try eventually("A metric of 0", within: 30) {
        try page(weir, certificates).value("weir_web_config_last_reload_successful") == 0
          ? true : nil
      }
      weir.process.signal(SIGHUP)
      let sentence =
        "\(certificates.path("web.yml")):2: tls_server_config has no key_file; name the "
        + "certificate's key"
      _ = try eventually("The sentence at the change and at the signal") {
        weir.log.count { $0["level"] == "error" && $0["reason"] == sentence } == 2 ? true : nil
      }
      try certificates.configureTLS(["min_version: TLS13"])
      _ = try eventually("The mended file", within: 30) {
        try page(weir, certificates).value("weir_web_config_last_reload_successful") == 1
          ? true : nil
      }
      #expect(try !tlsClient(weir.webAddress(), ["-tls1_2"]).contains("Weir is healthy."))
    }

    @Test func `a hangup and a request reload at once`() throws {
      let certificates = try Certificates()
      let frames = "http_server_config: {headers: {X-Frame-Options: "
      let weir = try Weir(
        "--web.config.file=\(try certificates.configure(frames + "deny}}"))",
        "--web.enable-lifecycle")
      let web = try weir.webAddress()
      try certificates.configure(frames + "sameorigin}}")
      weir.process.signal(SIGHUP)
      _ = try eventually("The new header") {
        try http(web, "/").fields["x-frame-options"] == "sameorigin" ? true : nil
      }
      for method in ["PUT", "POST"] {
        try certificates.configure(frames + "deny}}")
        let answer = try http(web, "/-/reload", method: method)
        #expect(answer.status == 200)
        #expect(answer.text == "Weir has reloaded.\n")
        #expect(try http(web, "/").fields["x-frame-options"] == "deny")
        try certificates.configure(frames + "sameorigin}}")
        #expect(try http(web, "/-/reload", method: method).status == 200)
        #expect(try http(web, "/").fields["x-frame-options"] == "sameorigin")
      }
      try certificates.configure("nonsense: 1\n")
      let refused = try http(web, "/-/reload", method: "POST")
      #expect(refused.status == 500)
      #expect(refused.text.contains("web.yml:1: \"nonsense\" is not a key; "))
      #expect(try http(web, "/").fields["x-frame-options"] == "sameorigin")
    }

    @Test(arguments: ["PUT", "POST"])
    func `a request to quit stops the server as a signal does`(method: String) throws {
      let weir = try Weir("--web.enable-lifecycle")
      let answer = try http(try weir.webAddress(), "/-/quit", method: method)
      #expect(answer.status == 200)
      #expect(answer.text == "Weir is stopping.\n")
      #expect(try weir.process.wait(within: 20) == .exit(0))
      #expect(weir.log.last?["msg"] == "stopped")
    }

    @Test(arguments: ["/-/reload", "/-/quit"])
    func `without the flag no request reloads or stops`(path: String) throws {
      let weir = try Weir()
      let web = try weir.webAddress()
      for method in ["PUT", "POST"] {
        let answer = try http(web, path, method: method)
        #expect(answer.status == 403)
        #expect(
          answer.text
            == "this is not allowed; start weir with --web.enable-lifecycle to allow it\n")
      }
      let read = try http(web, path)
      #expect(read.status == 405)
      #expect(read.fields["allow"] == "PUT, POST")
      #expect(try http(web, "/-/healthy").status == 200)
    }

    @Test func `check-config and a start say the same sentence of a wrong file`() throws {
      let certificates = try Certificates()
      let fine = try certificates.configureTLS()
      let check = try runProgram(
        try Programs.weir(), ["check-config", "--web.config.file", fine, "--log.level=warn", fine])
      #expect(check.ending == .exit(0))
      #expect(
        check.output
          == "the flags are fine\n"
          + String(repeating: "\(fine): is fine: TLS, no users\n", count: 2))
      #expect(check.error.isEmpty)

      let folder = certificates.folder.path
      try certificates.make("mismatched", names: "DNS:other")
      try Data(repeating: 0x61, count: 100).write(to: certificates.folder.appending(path: "junk"))
      let wrong: [(String, String)] = [
        (
          "tls_server_config:\n  cert_file: server.crt\n  key_file: mismatched.key\n",
          "3: the key in \(folder)/mismatched.key does not belong to the certificate in "
            + "\(folder)/server.crt; name a matching pair"
        ),
        (
          "tls_server_config:\n  cert_file: server.crt\n  key_file: gone.key\n",
          "3: key_file: \"\(folder)/gone.key\" cannot be read, there is no such file; name one "
            + "that can be read"
        ),
        (
          "tls_server_config:\n  cert_file: junk\n  key_file: server.key\n",
          "2: \(folder)/junk contains no certificate in PEM; name a file that does"
        ),
        (
          "tls_server_config:\n  cert_file: server.crt\n  key_file: junk\n",
          "3: \(folder)/junk contains no private key in PEM without a passphrase; name a file that does"
        ),
        (
          "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
            + "  client_ca_file: junk\n  client_auth_type: RequireAndVerifyClientCert\n",
          "4: \(folder)/junk contains no certificates in PEM; name a file that does"
        ),
      ]
      for (text, sentence) in wrong {
        let file = try certificates.configure(text)
        for arguments in [
          ["check-config", file], ["check-config", "--web.config.file=\(file)"],
          [
            "--web.config.file=\(file)", "--statsd.listen-udp=127.0.0.1:0",
            "--web.listen-address=127.0.0.1:0",
          ],
        ] {
          let result = try runProgram(try Programs.weir(), arguments, within: 20)
          #expect(result.ending == .exit(1))
          #expect(result.error == "weir: \(file):\(sentence)\n")
        }
      }
      let flag = try runProgram(try Programs.weir(), ["check-config", "--log.levl=warn"])
      #expect(flag.ending == .exit(2))
      #expect(flag.error == "weir: --log.levl is not a flag of weir; did you mean --log.level?\n")
    }
  }
}
