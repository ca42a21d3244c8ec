import TestSupport
import Testing
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirGroups
import WeirHTTP
import WeirMetrics
import WeirWire

@testable import WeirDaemon

@Suite("Pushed groups on pages")
struct PushgatewayPageTests {
  private let server: GatewayHarness

  init() throws { server = try GatewayHarness() }

  @Test("show groups between senders' families and within them, in order")
  func merged() async throws {
    server.apply("b:1|c|#k:2", "b:1|c|#k:0", "d:5|g", "z:1|c")
    #expect(
      await server.push(
        """
        # TYPE a gauge
        a 1
        # TYPE b counter
        b{k="1"} 7
        b{k="3"} 8
        c 3
        # TYPE d gauge
        d{a="1"} 6

        """
      ).status == 200)
    #expect(
      try await server.lines() == [
        "# TYPE a gauge", "a{instance=\"\",job=\"j\"} 1", "# TYPE b counter",
        "b{instance=\"\",job=\"j\",k=\"1\"} 7", "b{instance=\"\",job=\"j\",k=\"3\"} 8",
        "b{k=\"0\"} 1", "b{k=\"2\"} 1", "# TYPE c untyped", "c{instance=\"\",job=\"j\"} 3",
        "# TYPE d gauge", "d 5", "d{a=\"1\",instance=\"\",job=\"j\"} 6", "# TYPE z counter", "z 1",
      ])
    #expect(
      try await server.lines(filter: NameFilter(query: "name[]=c")) == [
        "# TYPE c untyped", "c{instance=\"\",job=\"j\"} 3",
      ])
    let openMetrics = try await server.lines(.openMetrics1)
    #expect(openMetrics.contains("# TYPE c unknown"))
    #expect(openMetrics.last == "# EOF")
    #expect(await server.push("", method: "DELETE").status == 202)
    #expect(try await server.lines().count == 7)
  }

  @Test("show every series once, in order, in any number of pieces")
  func many() async throws {
    server.apply((0..<3_000).map { "s:1|c|#instance:i,job:j,k:\(2 * $0)" }.joined(separator: "\n"))
    let groups = (0..<5).map { group in
      "# TYPE s counter\n"
        + (0..<1_000).map { "s{k=\"\(2 * (1_000 * group + $0) + 1)\"} 1\n" }.joined()
        + "# TYPE p_\(group) gauge\n" + (0..<2_000).map { "p_\(group){k=\"\($0)\"} 1\n" }.joined()
    }
    for (index, body) in groups.enumerated() {
      #expect(await server.push(body, "/metrics/job/j/instance/i/g/\(index)").status == 200)
    }
    let all = try await server.lines()
    let series = all.filter { $0.hasPrefix("s{") }
    #expect(series.count == 8_000)
    #expect(series == series.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(Set(all).count == all.count)
    let types = all.filter { $0.hasPrefix("# TYPE") }
    #expect(types == types.sorted())
    #expect(all.count == 8_000 + 10_000 + 6)
    let read = try ProtobufReader.families(try await server.scrape(.protobuf))
    let named = try read.filter { try $0.all(1).first?.elementsEqual("s".utf8) ?? false }
    #expect(try named.reduce(0) { try $0 + $1.all(4).count } == 8_000)
  }

  @Test("show a series that a sender has, too, with the sender's value, and count the other")
  func twice() async throws {
    server.apply("a:1|g|#instance:i,job:j")
    #expect(await server.push("# TYPE a gauge\na 2\n", "/metrics/job/j/instance/i").status == 200)
    #expect(try await server.lines() == ["# TYPE a gauge", "a{instance=\"i\",job=\"j\"} 1"])
    let text = String(decoding: try await server.scrape(), as: UTF8.self)
    #expect(text.contains("\nweir_scrape_hidden_series_total 1\n"))
  }

  @Test(
    "have one type for a name, whoever comes first",
    arguments: [
      ("a:1|c", "# TYPE a gauge\na 1\n"), ("a:1|g", "a 1\n"), ("a:1|h", "# TYPE a counter\na 1\n"),
      ("a:1|h", "# TYPE a summary\na_sum 1\n"), ("a:1|h", "# TYPE a_sum gauge\na_sum 1\n"),
      ("a:1|h", "# TYPE a_created gauge\na_created 1\n"),
      ("a_count:1|c", "# TYPE a summary\na_sum 1\n"),
      ("a_created:1|g", "# TYPE a histogram\na_sum 1\n# TYPE a_created gauge\na_created 1\n"),
    ])
  func clashes(line: String, body: String) async throws {
    #expect(server.apply(line) == 0)
    let refused = await server.push(body)
    #expect(refused.status == 400)
    #expect(server.text(refused).contains(" of "))
    let other = try GatewayHarness()
    #expect(await other.push(body).status == 200)
    #expect(other.apply(line) == 1)
    // When the group is gone, the name is free.
    #expect(await other.push("", method: "DELETE").status == 202)
    #expect(other.apply(line) == 0)
  }

  @Test("may use names that only Weir's own series without labels have, and no reserved ones")
  func own() async throws {
    #expect(
      await server.push("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 5\n")
        .status
        == 200)
    let all = String(decoding: try await server.scrape(), as: UTF8.self)
    #expect(
      all.contains("\nprocess_cpu_seconds_total{instance=\"\",job=\"j\"} 5\n"))
    #expect(all.firstRange(of: "# TYPE process_cpu_seconds_total") != nil)
    for name in ["weir_x", "up", "scrape_duration_seconds"] {
      let answer = await server.push("\(name) 1\n")
      #expect(answer.status == 400)
      #expect(server.text(answer) == "the name \(name) is Weir's own, or Prometheus' own\n")
    }
    #expect(server.apply("push_time_seconds:1|c") == 1)
    #expect(server.apply("push_time_seconds:1|g") == 1)
    #expect(server.apply("push_time_seconds:1|g|#a:b") == 0)
  }

  @Test("leave out a `_created` in OpenMetrics and protobuf where it is a name of a metric")
  func created() async throws {
    // As Python's client writes it.
    #expect(
      await server.push(
        """
        # TYPE c_total counter
        c_total 1
        # TYPE c_created gauge
        c_created 1.7e9
        # TYPE h histogram
        h_bucket{le="+Inf"} 1
        h_count 1
        h_sum 2
        # TYPE h_created gauge
        h_created 1.7e9
        # TYPE s summary
        s_count 1
        s_sum 2
        # TYPE s_created gauge
        s_created 1.7e9
        # TYPE x_created gauge
        x_created 1

        """
      ).status == 200)
    let text = try await server.lines()
    for name in ["c", "h", "s", "x"] {
      #expect(text.contains("# TYPE \(name)_created gauge"))
    }
    let openMetrics = try await server.lines(.openMetrics1)
    #expect(openMetrics.contains("# TYPE c counter"))
    #expect(openMetrics.filter { $0.contains("_created") }.count == 2)
    #expect(openMetrics.contains("# TYPE x_created gauge"))
    let protobuf = try ProtobufReader.families(try await server.scrape(.protobuf))
    let names = try protobuf.map { String(decoding: try $0.all(1).first ?? [], as: UTF8.self) }
    #expect(names.filter { $0.hasSuffix("_created") } == ["x_created"])
    // A sender's name that would be one is refused.
    #expect(server.apply("h_created:1|g|#a:b") == 1)
  }

  @Test("are refused as a whole, and the group says when")
  func refused() async throws {
    await server.push("a 1\n")
    let answer = await server.push("b 1\na 1 1395066363000\n", method: "POST")
    #expect(answer.status == 400)
    #expect(
      server.text(answer)
        == "line 2: the body has a timestamp, and what is shown has the time of the scrape; leave "
        + "timestamps out\n")
    #expect(try await server.lines() == ["# TYPE a untyped", "a{instance=\"\",job=\"j\"} 1"])
    #expect(await server.push("a").status == 400)
    let page = String(decoding: try await server.scrape(), as: UTF8.self)
    for (method, result, count) in [
      ("put", "accepted", 1), ("post", "inconsistent", 1), ("put", "malformed", 1),
      ("delete", "accepted", 0),
    ] {
      #expect(
        page.contains(
          "\nweir_pushgateway_requests_total{method=\"\(method)\",result=\"\(result)\"} \(count)\n")
      )
    }
    #expect(page.contains("\nweir_limit_used{limit=\"pushgateway_groups\"} 1\n"))
    #expect(page.contains("\nweir_limit_used{limit=\"pushgateway_series\"} 3\n"))
    #expect(page.contains("\npush_failure_time_seconds{instance=\"\",job=\"j\"} 1"))
  }

  @Test("are taken in protobuf where the content type says so")
  func protobuf() async throws {
    let type =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
    var encoder = ExpositionEncoder(.protobuf)
    let name = Array("a_total".utf8)
    encoder.beginFamily(FamilyHead(name, help: "Help.", type: .counter))
    encoder.sample(name.span, nameLength: name.count, 5)
    encoder.endFamily()
    var request = HTTPRequest(
      method: "POST", path: "/metrics/job/j", headers: ["Content-Type": type])
    request.body = encoder.take()
    #expect(await server.page.respond(to: request).status == 200)
    #expect(
      try await server.lines() == ["# TYPE a_total counter", "a_total{instance=\"\",job=\"j\"} 5"])
    request.headers = ["Content-Type": "text/plain"]
    #expect(await server.page.respond(to: request).status == 400)
  }

  @Test(
    "are not taken where they are turned off or could not be shown",
    arguments: [
      (["--no-pushgateway.pushes"], 403), (["--forward.address=127.0.0.1:9"], 409),
    ] as [([String], Int)])
  func turnedOff(flags: [String], status: Int) async throws {
    let other = try GatewayHarness(flags)
    #expect(await other.push("a 1\n").status == status)
    #expect(await server.push("a 1\n", headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
    #expect(try await other.lines().isEmpty)
  }

  @Test("come back from the state file, if the series there let them")
  func state() async throws {
    #expect(await server.push("# TYPE a counter\na 5\n").status == 200)
    #expect(await server.push("# TYPE b counter\nb 5\n", "/metrics/job/k").status == 200)
    let payloads = server.gateway.groups.all()
    let other = try GatewayHarness()
    #expect(other.apply("b:1|g") == 0)
    let counts = other.gateway.restore(payloads, limits: SeriesLimits())
    #expect(counts == (1, 1))
    #expect(
      try await other.lines() == [
        "# TYPE a counter", "a{instance=\"\",job=\"j\"} 5", "# TYPE b gauge", "b 1",
      ])
  }
}
