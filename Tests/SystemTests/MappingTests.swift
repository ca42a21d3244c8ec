import Foundation
import Testing

extension WaitingTests {
  /// A mapping file of a running server, and what asks about one without a server.
  @Suite struct Mapping {
    /// A folder with `m.yml`, which goes with it.
    private final class MappingFolder {
      let url = FileManager.default.temporaryDirectory.appending(path: "weir-mapping-\(UUID())")
      var file: String { url.appending(path: "m.yml").path }

      init(_ mapping: String) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try write(mapping)
      }

      deinit { try? FileManager.default.removeItem(at: url) }

      /// In one step.
      func write(_ mapping: String) throws {
        try mapping.write(toFile: file, atomically: true, encoding: .utf8)
      }
    }

    private func rule(_ name: String) -> String {
      "mappings:\n- {match: app.*.hits, name: \(name)_total, labels: {part: $1}}\n"
    }

    private func start(_ folder: MappingFolder, _ flags: [String] = []) throws -> Weir {
      try Weir.start(["--statsd.mapping-config=\(folder.file)"] + flags)
    }

    private func reloads(_ weir: Weir) -> Int {
      weir.log.count { $0["msg"] == "reloaded" }
    }

    @Test func `a hangup and a request load it again at once`() throws {
      let folder = try MappingFolder(rule("one"))
      let weir = try start(folder, ["--web.enable-lifecycle"])
      try weir.send("app.a.hits:1|c")
      _ = try weir.scrape(until: "The first rule") { $0.value("one_total", ["part": "a"]) == 1 }
      try folder.write(rule("two"))
      weir.process.signal(SIGHUP)
      _ = try eventually("The reload") { reloads(weir) == 1 ? true : nil }
      try weir.send("app.a.hits:1|c")
      _ = try weir.scrape(until: "The second rule") { $0.value("two_total", ["part": "a"]) == 1 }
      for (number, method) in ["PUT", "POST"].enumerated() {
        try folder.write(rule("by_\(number)"))
        #expect(try http(try weir.webAddress(), "/-/reload", method: method).status == 200)
        try weir.send("app.a.hits:1|c")
        _ = try weir.scrape(until: "The rule of \(method)") {
          $0.value("by_\(number)_total", ["part": "a"]) == 1
        }
      }
    }

    @Test func `a change of the file loads it again by itself`() throws {
      let folder = try MappingFolder(rule("one"))
      let weir = try start(folder)
      try folder.write(rule("two"))
      _ = try weir.scrape(until: "The new rules", within: 30) { page in
        try? weir.send("app.a.hits:1|c")
        return page.value("two_total", ["part": "a"]) ?? 0 > 0
      }
      // None is lost while the rules change.
      _ = try weir.scrape(until: "An account of all samples") { page in
        page.sum("weir_datagrams_received_total")
          == page.sum("one_total") + page.sum("two_total")
      }
    }

    @Test func `a wrong file leaves the old rules, is answered with its mistake, and counted`()
      throws
    {
      let folder = try MappingFolder(rule("one"))
      let weir = try start(folder, ["--web.enable-lifecycle"])
      try folder.write("mappings:\n- {match: a..b, name: x}\n")
      let answer = try http(try weir.webAddress(), "/-/reload", method: "POST")
      #expect(answer.status == 500)
      #expect(answer.text.contains("\(folder.file):2: match: \"a..b\" is not a glob"))
      try weir.send("app.a.hits:1|c")
      let page = try weir.scrape(until: "The old rules") { $0.sum("one_total") == 1 }
      #expect(page.value("weir_mapping_config_last_reload_successful") == 0)
      try FileManager.default.removeItem(atPath: folder.file)
      weir.process.signal(SIGHUP)
      _ = try eventually("The log of a file that is gone") {
        weir.log.contains {
          $0["level"] == "error" && $0["reason"]?.contains("no such file") == true
        }
          ? true : nil
      }
      try folder.write(rule("two"))
      weir.process.signal(SIGHUP)
      _ = try weir.scrape(until: "A successful reload") {
        $0.value("weir_mapping_config_last_reload_successful") == 1
      }
      try weir.send("app.a.hits:1|c")
      _ = try weir.scrape(until: "The new rules") { $0.sum("two_total") == 1 }
    }

    @Test func `a wrong file ends a start, and check-config says the same`() throws {
      let folder = try MappingFolder("mappings:\n- {match: a, name: x, ttl: 5d}\n")
      let sentence =
        "\(folder.file):2: ttl: \"5d\" is not a duration; write one in h, m, s or ms, such as 1m30s"
      let flag = "--statsd.mapping-config=\(folder.file)"
      for arguments in [
        [flag, "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"],
        ["check-config", flag], ["--check-config", flag], ["explain", flag, "a:1|c"],
      ] {
        let result = try runProgram(try Programs.weir(), arguments, within: 20)
        #expect(result.ending == .exit(1))
        #expect(result.error == "weir: \(sentence)\n")
      }
    }

    @Test func `/debug/mapping shows each rule with its uses`() throws {
      let folder = try MappingFolder(
        rule("one") + "- {match: never, name: n}\n- {match: noise.*, name: x, action: drop}\n")
      let weir = try start(folder)
      try weir.send("app.a.hits:1|c\napp.b.hits:1|c\nnoise.x:1|c\napp.a.hits:1|c")
      _ = try weir.scrape(afterDatagrams: 1)
      let lines = try http(try weir.webAddress(), "/debug/mapping").text.split(separator: "\n")
      #expect(
        lines.first?.hasPrefix("3 mapping rules, 1 never used since the file was loaded") == true)
      #expect(
        lines.suffix(3) == [
          #"0 3 "never" -> "n""#, #"1 4 "noise.*" is dropped"#, #"2 2 "app.*.hits" -> "one_total""#,
        ])
    }

    @Test
    func `explain reads lines from standard input, and its status tells whether all are accepted`()
      throws
    {
      let folder = try MappingFolder(rule("one"))
      func explain(_ input: String) throws -> (
        ending: ChildProcess.Ending, output: String, error: String
      ) {
        try runProgram(
          "/bin/sh",
          [
            "-c", "printf \"$2\" | exec \"$0\" explain --statsd.mapping-config=\"$1\"",
            try Programs.weir(), folder.file, input,
          ])
      }
      let good = try explain("app.a.hits:2|c\\n")
      #expect(good.ending == .exit(0) && good.error == "")
      #expect(
        good.output == """
          app.a.hits:2|c
            a counter, plus 2.0
            the rule on line 2: "app.*.hits" -> "one_total"
            series one_total{part="a"}: a counter, kept for ever

          """)
      let bad = try explain("app.a.hits:2|c\\napp.a.hits:x|c\\nno\\377:1|c")
      #expect(bad.ending == .exit(1))
      #expect(bad.error == "weir: 2 lines are refused\n")
      #expect(bad.output.contains("  refused, bad_value: "))
      #expect(
        bad.output.contains(#"  refused, invalid_utf8: the line is not UTF-8; see byte 3: "\xff""#))
      let misused = try runProgram(try Programs.weir(), ["explain", "--statsd.mapping=x", "a:1|c"])
      #expect(misused.ending == .exit(2))
    }

    @Test func `a program called statsd_exporter has its defaults and its flags`() throws {
      let folder = try MappingFolder("defaults: {observer_type: histogram}\n" + rule("one"))
      let program = folder.url.appending(path: "statsd_exporter").path
      try FileManager.default.createSymbolicLink(
        atPath: program, withDestinationPath: try Programs.weir())
      let check = try runProgram(
        program,
        [
          "--check-config", "--statsd.mapping-config", folder.file, "--statsd.cache-size", "1000",
          "--statsd.event-queue-size=10000",
        ])
      #expect(check.ending == .exit(0), "\(check.error)")
      let process = try ChildProcess(
        program,
        [
          "--statsd.mapping-config=\(folder.file)", "--statsd.listen-udp=127.0.0.1:0",
          "--web.listen-address=127.0.0.1:0", "--statsd.event-flush-threshold=1000",
          "--statsd.cache-type=random",
        ])
      _ = try eventually("A ready server") {
        LogLine.parse(process.standardError).first { $0["msg"] == "ready" }
      }
      let log = LogLine.parse(process.standardError)
      let ignored = log.filter { $0["msg"]?.hasSuffix(" has no effect") == true }
      #expect(
        ignored.map { $0["msg"] } == [
          "--statsd.event-flush-threshold has no effect", "--statsd.cache-type has no effect",
        ])
      let web = try #require(log.first { $0["msg"] == "serving" }?["address"])
      let udp = try #require(log.first { $0["msg"] == "listening for StatsD" }?["address"])
      let socket = try TestSocket.connect(.udp, udp)
      try socket.send("a--b:250|ms|c:pod-1\nx[k=v.y;a=b:1|c")
      let text = try eventually("The series") {
        let text = try http(web, "/metrics").text
        return text.contains("x_k_v_y_a_b 1\n") ? text : nil
      }
      #expect(text.contains("a_b_bucket{container_id=\"pod-1\",le=\"1\"} 1\n"))
      #expect(text.contains("a_b_bucket{container_id=\"pod-1\",le=\"10\"} 1\n"))
      #expect(!text.contains("a_b_bucket{container_id=\"pod-1\",le=\"30\"}"))
      let open = try CurlAnswer(
        "http://\(web)/metrics", ["-H", "Accept: application/openmetrics-text;version=1.0.0", "-i"])
      #expect(open.text.contains("text/plain; version=0.0.4"))
      process.signal(SIGTERM)
      #expect(try process.wait(within: 20) == .exit(0))
    }
  }
}
