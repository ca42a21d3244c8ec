import Foundation
import Testing

extension WaitingTests {
  /// A reload never removes protection.
  @Suite("Protection")
  struct ProtectionTests {
    private static let end =
      ", and a reload must not remove protection; put it back, or restart weir without it"

    /// What becomes of the file, and what is said of it.
    static let losses: [(text: String, sentence: String)] = [
      ("", "tls_server_config and basic_auth_users are missing\(end)"),
      ("{}\n", "tls_server_config and basic_auth_users are missing\(end)"),
      (Security.users, "tls_server_config is missing\(end)"),
      (
        "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\nbasic_auth_users: {}\n",
        "basic_auth_users is missing\(end)"
      ),
    ]

    /// Writes in place, as a shell's `>` does.
    private func overwrite(_ path: String, _ text: String) throws {
      let file = try #require(fopen(path, "w"))
      defer { fclose(file) }
      fputs(text, file)
    }

    @Test(
      "outlives an emptied web configuration, and one whose sections vanished", arguments: losses)
    func webFile(text: String, sentence: String) throws {
      let certificates = try Certificates()
      let file = try certificates.configureTLS(and: Security.users)
      let weir = try Weir("--web.config.file=\(file)")
      let web = try weir.webAddress()
      let trust = ["--cacert", certificates.path("ca.crt")]
      func successful() throws -> Double? {
        let answer = try CurlAnswer(
          "https://\(web)/metrics", trust + ["-u", "prometheus:right"])
        #expect(answer.status == 200)
        return try Page(answer.text).value("weir_web_config_last_reload_successful")
      }
      #expect(try successful() == 1)
      try overwrite(file, text)
      _ = try eventually("A metric of 0", within: 30) { try successful() == 0 ? true : nil }
      weir.process.signal(SIGHUP)
      _ = try eventually("The sentence at the change and at the signal") {
        weir.log.count {
          $0["level"] == "error" && $0["msg"] == "reload failed, keeping the previous configuration"
            && $0["reason"] == "\(file): \(sentence)"
        } == 2 ? true : nil
      }
      #expect(try http(web, "/metrics").status == 400)
      #expect(try CurlAnswer("https://\(web)/metrics", trust).status == 401)
      try certificates.configureTLS(and: Security.users)
      _ = try eventually("The mended file", within: 30) { try successful() == 1 ? true : nil }
    }

    @Test("outlives an emptied file of keys")
    func keysFile() throws {
      let certificates = try Certificates()
      let file = certificates.path("keys.yml")
      try overwrite(file, "keys: [{id: a, secret: \(String(repeating: "0f", count: 16))}]\n")
      let weir = try Weir("--push.keys-file=\(file)")
      let metric = "weir_push_keys_last_reload_successful"
      for text in ["", "keys:\n", "keys: []\n"] {
        try overwrite(file, text)
        weir.process.signal(SIGHUP)
        _ = try weir.scrape(until: "A metric of 0") { $0.value(metric) == 0 }
        let sentence =
          "there are no keys; write keys: and below it a list of keys, each with id and secret"
        _ = try eventually("The sentence") {
          weir.log.first {
            $0["level"] == "error" && $0["reason"]?.hasSuffix(sentence) == true
          }
        }
        try overwrite(file, "keys: [{id: a, secret: \(String(repeating: "0f", count: 16))}]\n")
        weir.process.signal(SIGHUP)
        _ = try weir.scrape(until: "A metric of 1") { $0.value(metric) == 1 }
      }
    }

    @Test("goes on with files that come back as they were, without being told")
    func comesBack() throws {
      let certificates = try Certificates()
      let file = try certificates.configureTLS()
      try overwrite(
        certificates.path("keys.yml"),
        "keys: [{id: a, secret: \(String(repeating: "0f", count: 16))}]\n")
      let link = certificates.folder.path + "-link"
      let target = certificates.folder.path
      symlink(target, link)
      defer { unlink(link) }
      let weir = try Weir(
        "--web.config.file=\(link)/\((file as NSString).lastPathComponent)",
        "--push.keys-file=\(link)/keys.yml")
      func metrics() throws -> [Double?] {
        let answer = try CurlAnswer(
          "https://\(try weir.webAddress())/metrics", ["--cacert", certificates.path("ca.crt")])
        let page = try Page(answer.text)
        return ["web_config", "push_keys"].map { page.value("weir_\($0)_last_reload_successful") }
      }
      // The files themselves stay as they are: only the way to them goes and comes.
      unlink(link)
      weir.process.signal(SIGHUP)
      _ = try eventually("Metrics of 0") { try metrics() == [0, 0] ? true : nil }
      symlink(target, link)
      _ = try eventually("Metrics of 1", within: 30) { try metrics() == [1, 1] ? true : nil }
    }
  }
}
