import Foundation
import Testing

extension WaitingTests {
  /// The real server, and a CloudWatch that is as strict as the real one.
  @Suite struct CloudWatchTests {
    private static let flags = [
      "--cloudwatch.namespace=Weir", "--cloudwatch.include=*_total", "--cloudwatch.include=llm_*",
      "--cloudwatch.include=process_heap_bytes", "--cloudwatch.dimensions=provider,status",
    ]

    private func weir(
      _ server: CloudWatchServer, _ more: [String] = ["--cloudwatch.interval=1h"],
      environment: [String: String] = CloudWatchServer.key
    ) throws -> Weir {
      try Weir.start(
        Self.flags + ["--cloudwatch.endpoint=\(server.url)"] + more,
        by: CloudWatchServer.environment(environment))
    }

    private func metric(
      _ server: CloudWatchServer, _ name: String, _ dimensions: [String: String] = [:]
    ) throws -> CloudWatchServer.Metric {
      try #require(
        server.pushes.flatMap(\.metrics).last { $0.name == name && $0.dimensions == dimensions })
    }

    @Test func `a stop pushes what was counted, summed over all other labels`() throws {
      let server = try CloudWatchServer()
      let weir = try weir(server)
      try weir.send(
        "llm_requests_total:2|c|#provider:openai,status:ok,instance:a",
        "llm_requests_total:3|c|#provider:openai,status:ok,instance:b",
        "llm_request_duration_seconds:0.3:0.4:7|ms|#provider:a & b/é*~ +",
        "process_heap_bytes:5|g|#instance:a", "process_heap_bytes:6|g|#instance:b", "hidden:1|g")
      _ = try weir.scrape(afterDatagrams: 6)
      #expect(try weir.stop() == .exit(0))
      #expect(server.faults == [])
      #expect(server.pushes.count == 1)
      #expect(server.pushes.first?.namespace == "Weir")
      // More than fits into a packet.
      #expect(server.pushes.first?.isPacked == true)
      let requests = try metric(
        server, "llm_requests_total", ["provider": "openai", "status": "ok"])
      #expect(requests.value == 5 && requests.unit == "Count")
      let durations = try metric(
        server, "llm_request_duration_seconds", ["provider": "a & b/%C3%A9*~ +"])
      #expect(durations.counts == [2, 1] && durations.unit == "Seconds")
      let sum = zip(durations.values, durations.counts).reduce(0) { $0 + $1.0 * $1.1 }
      // Timings arrive in milliseconds.
      #expect(abs(sum - 0.0077) < 1e-12)
      let heap = try metric(server, "process_heap_bytes")
      #expect(heap.value == 11 && heap.unit == "Bytes")
      #expect(!server.pushes.flatMap(\.metrics).contains { $0.name == "hidden" })
      #expect(try metric(server, "weir_lines_total").value == 6)
    }

    @Test func `each interval pushes what was gained, and an outage loses nothing`() throws {
      let server = try CloudWatchServer("200", "503", "429", "400:Throttling", "reset", "200")
      let weir = try weir(server, ["--cloudwatch.interval=1s"])
      for _ in 0..<40 {
        try weir.send("llm_requests_total:1|c")
        usleep(200_000)
      }
      _ = try weir.scrape(afterDatagrams: 40)
      let page = try weir.scrape(until: "A push after all failures", within: 30) { page in
        page.value("weir_cloudwatch_errors_total", ["reason": "unavailable"]) ?? 0 >= 3
          && page.value("weir_cloudwatch_uncertain_total") == 1
      }
      #expect(page.value("weir_cloudwatch_metrics_over_limit") == 0)
      #expect(try weir.stop() == .exit(0))
      #expect(server.faults == [])
      // All that was answered, and nothing twice: what a reset request held is sent again.
      #expect(server.sum("llm_requests_total") == 40)
      #expect(server.pushes.contains { $0.action == "reset" })
    }

    @Test(arguments: ["container", "sts", "imds"])
    func `credentials come from where the environment says`(source: String) throws {
      let server = try CloudWatchServer()
      let folder = try StateFolder()
      let token = folder.path + "/token"
      // A proxy, which nobody listens at, must not see requests for credentials of the machine.
      let proxy = ["http_proxy": "http://127.0.0.1:9", "no_proxy": "localhost"]
      let named = server.url.replacing("127.0.0.1", with: "localhost")
      try (source == "sts" ? "a.b.c\n" : "container-token\n")
        .write(toFile: token, atomically: true, encoding: .utf8)
      let environment =
        switch source {
        case "container":
          [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
          ]
        case "sts":
          [
            "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/weir",
            "AWS_ENDPOINT_URL_STS": named,
          ]
        default:
          [
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
          ]
        }
      // A proxy must not see requests for credentials of the machine.
      let weir = try Weir.start(
        Self.flags + ["--cloudwatch.endpoint=\(named)", "--cloudwatch.interval=1h"],
        by: CloudWatchServer.environment(environment.merging(proxy) { $1 }))
      try weir.send("llm_requests_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      #expect(try weir.stop() == .exit(0))
      #expect(server.faults == [])
      #expect(server.credentials == [source])
      #expect(server.pushes.map(\.hasToken) == [true])
      #expect(server.sum("llm_requests_total") == 5)
      #expect(!weir.process.standardError.contains("secret"))
      #expect(!weir.process.standardError.contains("container-token"))
    }

    @Test func `wrong credentials are said without a secret, and nothing is lost`() throws {
      let server = try CloudWatchServer("--token=needed")
      let weir = try weir(
        server, ["--cloudwatch.interval=1s"],
        environment: CloudWatchServer.key.merging(["AWS_SESSION_TOKEN": "FwoWRONGTOKEN"]) { $1 })
      try weir.send("llm_requests_total:5|c")
      let page = try weir.scrape(until: "A push without success") {
        $0.value("weir_cloudwatch_errors_total", ["reason": "credentials"]) ?? 0 >= 1
      }
      #expect(page.value("weir_cloudwatch_pushes_total") == 0)
      #expect(page.value("weir_cloudwatch_last_success_timestamp_seconds") == 0)
      #expect(try weir.stop() == .exit(0))
      #expect(server.pushes.isEmpty)
      #expect(Set(server.faults) == ["InvalidClientTokenId token"])
      let log = weir.process.standardError
      #expect(log.contains("InvalidClientTokenId: It is not accepted."))
      #expect(!log.contains("FwoWRONGTOKEN") && !log.contains("test-secret"))
      #expect(!log.contains("Canonical"))
    }

    @Test func `where nobody listens, nothing may have arrived`() throws {
      let nobody = try TestSocket.freeAddress()
      let weir = try Weir.start(
        Self.flags + ["--cloudwatch.endpoint=http://\(nobody)", "--cloudwatch.interval=1s"],
        by: CloudWatchServer.environment(CloudWatchServer.key))
      try weir.send("llm_requests_total:5|c")
      let page = try weir.scrape(until: "A push without success") {
        $0.value("weir_cloudwatch_errors_total", ["reason": "unreachable"]) ?? 0 >= 1
      }
      #expect(page.value("weir_cloudwatch_uncertain_total") == 0)
      #expect(try weir.stop() == .exit(0))
    }

    @Test func `many metrics go in requests that CloudWatch takes`() throws {
      let server = try CloudWatchServer()
      let weir = try weir(server, ["--cloudwatch.interval=1h", "--cloudwatch.max-metrics=5000"])
      for start in stride(from: 0, to: 1_500, by: 10) {
        try weir.send(
          (start..<start + 10).map { "llm_t_seconds:0.001:20:700:9000|h|#provider:p\($0)" }
            .joined(separator: "\n"))
      }
      _ = try weir.scrape(afterDatagrams: 150)
      #expect(try weir.stop() == .exit(0))
      #expect(server.faults == [])
      let metrics = server.pushes.flatMap(\.metrics).filter { $0.name == "llm_t_seconds" }
      #expect(metrics.count == 1_500)
      #expect(server.pushes.count >= 2)
      #expect(server.pushes.allSatisfy { $0.metrics.count <= 1_000 })
      #expect(metrics.allSatisfy { $0.counts.reduce(0, +) == 4 })
    }

    @Test func `moto gives back what was sent, with signatures enforced`() throws {
      let moto = try CloudWatchServer.moto()
      for (key, secret, token) in [
        ("key", "secret", ""), ("role_key", "role_secret", "role_token"),
      ] {
        var environment = [
          "AWS_ACCESS_KEY_ID": try moto.text(key), "AWS_SECRET_ACCESS_KEY": try moto.text(secret),
        ]
        if !token.isEmpty { environment["AWS_SESSION_TOKEN"] = try moto.text(token) }
        let weir = try Weir.start(
          [
            "--cloudwatch.namespace=Weir", "--cloudwatch.include=moto_*",
            "--cloudwatch.dimensions=provider", "--cloudwatch.interval=1h",
            "--cloudwatch.endpoint=\(moto.url)", "--histogram.bounds=1,2,4",
          ], by: CloudWatchServer.environment(environment))
        try weir.send(
          "moto_total:7|c|#provider:a b/+~", "moto_seconds:0.5:1.5:3|h|#provider:a b/+~")
        _ = try weir.scrape(afterDatagrams: 2)
        #expect(try weir.stop() == .exit(0))
        #expect(!weir.process.standardError.contains("nothing can be pushed"))
      }
      func read(_ name: String) throws -> [String: Double] {
        let result = try runProgram(
          try Programs.python(),
          [
            try Programs.client("cloudwatch_moto.py"), "read", moto.url, try moto.text("key"),
            try moto.text("secret"), name, "provider=a b/+~",
          ])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (object as? [String: Any] ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
      }
      #expect(try read("moto_total")["sum"] == 14)
      let seconds = try read("moto_seconds")
      #expect(seconds["count"] == 6)
      #expect(abs((seconds["sum"] ?? 0) - 10) < 1e-9)
    }

    @Test func `moto takes packed requests`() throws {
      let moto = try CloudWatchServer.moto("--open")
      let weir = try weir(
        moto,
        environment: [
          "AWS_ACCESS_KEY_ID": try moto.text("key"),
          "AWS_SECRET_ACCESS_KEY": try moto.text("secret"),
        ])
      for number in 0..<40 { try weir.send("llm_requests_total:1|c|#provider:p\(number)") }
      _ = try weir.scrape(afterDatagrams: 40)
      #expect(try weir.stop() == .exit(0))
      #expect(!weir.process.standardError.contains("nothing can be pushed"))
      #expect(!weir.process.standardError.contains("refused"))
    }

    @Test func `explain shows what a running server would push, and what it costs`() throws {
      let weir = try Weir()
      try weir.send(
        "llm_requests_total:1|c|#provider:openai,instance:a",
        "llm_requests_total:1|c|#provider:openai,instance:b", "llm_lag_seconds:1|g", "x_total:1|c")
      _ = try weir.scrape(afterDatagrams: 4)
      let flags =
        "--cloudwatch.namespace=N --cloudwatch.include='llm_*' --cloudwatch.dimensions=provider"
      let result = try runProgram(
        "/bin/sh",
        [
          "-c", "\"$0\" -s \"http://$1/metrics\" | \"$2\" explain --cloudwatch \(flags)",
          try Programs.curl(), try weir.webAddress(), try Programs.weir(),
        ])
      #expect(result.ending == .exit(0), "\(result.error)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(
        Array(lines.prefix(4)) == [
          "llm_lag_seconds: a gauge in Seconds, of 1 series",
          "llm_requests_total{provider=\"openai\"}: a counter in Count, of 2 series",
          "2 metrics of 3 series would be pushed every 60 s, in 1 request",
          "CloudWatch charges about 0.60 dollars a month for metrics, and 0.44 for requests (list prices of "
            + "us-east-1)",
        ])
      let lined = try runProgram(
        try Programs.weir(),
        ["explain", "--cloudwatch"]
          + flags.replacing("'", with: "").split(separator: " ").map(String.init)
          + [
            "--cloudwatch.max-metrics=1", "llm_a_total:1|c|#provider:x",
            "llm_a_total:1|c|#provider:y",
          ])
      #expect(lined.ending == .exit(1))
      #expect(lined.output.contains("2 metrics of 2 series"))
      #expect(lined.output.contains("Only 1 of them would be pushed, for 0.30 dollars"))
      #expect(lined.error.contains("there are more metrics than --cloudwatch.max-metrics allows"))
    }

    @Test func `without the flag libcurl is not loaded`() throws {
      let off = try Weir()
      let on = try weir(try CloudWatchServer())
      func maps(_ weir: Weir) throws -> String {
        try runProgram("/bin/cat", ["/proc/\(weir.process.pid)/maps"]).output
      }
      #expect(try !maps(off).contains("libcurl"))
      #expect(try maps(on).contains("libcurl"))
    }
  }
}
