import Foundation
import Testing

extension SystemTests {
  @Suite("The clients of the push protocol")
  struct PushTests {
    /// The Node and Python clients and the library, each by a small program.
    enum Client: String, CaseIterable {
      case swift, node, python

      /// Pushes `value`, until Weir has said that it has it.
      func push(_ value: Int, to way: String, key: (id: String, secret: String)? = nil) throws
        -> Bool
      {
        let rest = [way, "\(value)"] + (key.map { [$0.id, $0.secret] } ?? [])
        let result =
          switch self {
          case .swift: try runProgram(try Programs.pushingClient(), rest)
          case .node:
            try runProgram(try Programs.node(), [try Programs.client("push_client.mjs")] + rest)
          case .python:
            try runProgram(try Programs.python(), [try Programs.client("push_client.py")] + rest)
          }
        return result.ending == .exit(0)
      }

      var labels: [String: String] { ["client": rawValue, "service": "test"] }
    }

    private let keys = (
      old: (id: "old", secret: String(repeating: "0a", count: 32)),
      new: (id: "new", secret: String(repeating: "1b", count: 32))
    )

    @Test("count the same at one server, and StatsD's text beside them")
    func together() throws {
      let weir = try Weir()
      let address = try #require(weir.udp.first)
      for (index, client) in Client.allCases.enumerated() {
        #expect(try client.push(100 + index, to: address), "\(client)")
      }
      try weir.send("pushed_total:7|c|#client:swift,service:test")
      let page = try weir.scrape(until: "The line of text") {
        $0.value("pushed_total", Client.swift.labels) == 107
      }
      #expect(page.value("pushed_total", Client.node.labels) == 101)
      #expect(page.value("pushed_total", Client.python.labels) == 102)
      for (index, client) in Client.allCases.enumerated() {
        #expect(page.value("pushed_seconds_sum", client.labels) == Double(100 + index) / 1_024)
        #expect(page.value("pushed_seconds_count", client.labels) == 1)
      }
      // All have ended, and their gauges with them.
      #expect(page.value("pushed_gauge", ["service": "test"]) == nil)
      #expect(page.sum("weir_push_records_refused_total") == 0)
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send(
        "GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept: application/openmetrics-text\r\n\r\n")
      let openMetrics = try exchange.answer()
      #expect(openMetrics.text.contains("# HELP pushed What the tests push.\n"))
      #expect(openMetrics.text.contains("# UNIT pushed_seconds seconds\n"))
      for client in Client.allCases {
        #expect(openMetrics.text.contains("# {trace_id=\"\(client)\"}"), "\(client)")
      }
      let instances = try http(try weir.webAddress(), "/debug/instances").text
      #expect(instances.hasPrefix("3 of 3 instances"))
      #expect(instances.split(separator: "\n").count { $0.contains("  ended  ") } == 3)
    }

    @Test("send what is left when their process ends, though nobody closed them")
    func atExit() throws {
      let weir = try Weir()
      let result = try runProgram(
        try Programs.pushingClient(), [try #require(weir.udp.first), "17", "exit"])
      #expect(result.ending == .exit(0))
      #expect(try weir.scrape().value("pushed_total", Client.swift.labels) == 17)
    }

    @Test("push over HTTP where there is no UDP", arguments: [Client.node, .python])
    func overHTTP(client: Client) throws {
      let weir = try Weir()
      let page = "http://\(try weir.webAddress())/api/v1/push"
      #expect(try client.push(5, to: page))
      #expect(try weir.scrape().value("pushed_total", client.labels) == 5)
    }

    @Test(
      "are shown from 0 and count what they gain where they are older than Weir, unless that is not wanted",
      arguments: [([], 0.0, 25.0), (["--push.older-instances=count"], 1_000, 1_025)])
    func older(flags: [String], first: Double, second: Double) throws {
      let weir = try Weir.start(flags)
      let page = "http://\(try weir.webAddress())/api/v1/push"
      func push(_ arguments: String...) throws {
        let result = try runProgram(
          try Programs.python(), [try Programs.client("push_frame.py"), page] + arguments)
        #expect(result.ending == .exit(0), "\(result.error)")
      }
      try push("7", "3600000", "older_total=1000")
      #expect(try weir.scrape().value("older_total") == first)
      try push("8", "3601000", "older_total=1025")
      let scrape = try weir.scrape()
      #expect(scrape.value("older_total") == second)
      // The six frames before were sent to another Weir.
      #expect(scrape.sum("weir_push_frames_lost_total") == 0)
      let instances = try http(try weir.webAddress(), "/debug/instances").text
      #expect(instances.contains("  live      "))
      let limits = [
        ("push_instances", 100_000.0, 1.0), ("push_totals", 4_000_000, 1),
        ("push_totals_per_instance", 100_000, 1), ("push_totals_per_forwarder", 1_000_000, 0),
      ]
      for (limit, most, used) in limits {
        #expect(scrape.value("weir_limit", ["limit": limit]) == most)
        #expect((used...used + 1).contains(scrape.value("weir_limit_used", ["limit": limit]) ?? 0))
      }
    }

    @Test("are let in by their keys alone, and by new ones when the file of keys changes")
    func signed() throws {
      let file = FileManager.default.temporaryDirectory
        .appending(path: "weir-keys-\(UUID().uuidString).yml")
      defer { try? FileManager.default.removeItem(at: file) }
      func write(_ all: [(id: String, secret: String)]) throws {
        let lines = all.map { "  - id: \($0.id)\n    secret: \($0.secret)\n" }
        try ("keys:\n" + lines.joined()).write(to: file, atomically: true, encoding: .utf8)
        chmod(file.path, 0o600)
      }
      try write([keys.old])
      let weir = try Weir("--push.keys-file=\(file.path)", "--no-statsd.text")
      let address = try #require(weir.udp.first)
      for (index, client) in Client.allCases.enumerated() {
        #expect(try client.push(10 + index, to: address, key: keys.old), "\(client)")
      }
      #expect(
        try Client.node.push(20, to: "http://\(try weir.webAddress())/api/v1/push", key: keys.old))
      // Nobody is let in without a key, or with one that is not known, or by the name of one.
      #expect(try !Client.node.push(99, to: "http://\(try weir.webAddress())/api/v1/push"))
      #expect(
        try !Client.node.push(
          99, to: "http://\(try weir.webAddress())/api/v1/push", key: keys.new))
      #expect(
        try !Client.node.push(
          99, to: "http://\(try weir.webAddress())/api/v1/push",
          key: (keys.old.id, keys.new.secret)))
      // Both are in force while one takes over from the other; then the old one is not any more.
      try write([keys.old, keys.new])
      weir.process.signal(SIGHUP)
      _ = try eventually("The new keys") { weir.log.first { $0["msg"] == "reloaded" } }
      #expect(try Client.swift.push(30, to: address, key: keys.new))
      #expect(try Client.python.push(40, to: address, key: keys.old))
      try "keys: []\n".write(to: file, atomically: true, encoding: .utf8)
      weir.process.signal(SIGHUP)
      _ = try eventually("The refusal of a file without keys") {
        weir.log.first { $0["msg"] == "reload failed, keeping the previous configuration" }
      }
      let page = try weir.scrape()
      #expect(page.value("pushed_total", Client.swift.labels) == 40)
      #expect(page.value("pushed_total", Client.node.labels) == 31)
      #expect(page.value("pushed_total", Client.python.labels) == 52)
      #expect(page.sum("weir_push_frames_refused_total", ["reason": "unsigned"]) > 0)
      #expect(page.sum("weir_push_frames_refused_total", ["reason": "unknown_key"]) > 0)
      #expect(page.sum("weir_push_frames_refused_total", ["reason": "bad_tag"]) > 0)
      #expect(page.value("weir_push_keys_last_reload_successful") == 0)
    }
  }
}
