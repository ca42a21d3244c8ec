import Foundation
import Testing

extension WaitingTests {
  /// A Weir that pushes to CloudWatch, is stopped or killed, and starts again.
  @Suite struct CloudWatchRestartTests {
    private func start(
      _ folder: StateFolder, _ server: CloudWatchServer, _ more: String...
    ) throws -> Weir {
      try Weir.start(
        [
          folder.flag, "--cloudwatch.namespace=Weir", "--cloudwatch.include=llm_*",
          "--cloudwatch.endpoint=\(server.url)",
        ]
          + (more.contains { $0.hasPrefix("--cloudwatch.interval") }
            ? [] : ["--cloudwatch.interval=1h"])
          + more, by: CloudWatchServer.environment(CloudWatchServer.key))
    }

    @Test
    func `with a state, a restart continues from the last push, and a new name is a baseline`()
      throws
    {
      let folder = try StateFolder()
      let server = try CloudWatchServer("200", "503", "200")
      let first = try start(folder, server)
      try first.send("llm_requests_total:5|c", "other_total:1|c")
      _ = try first.scrape(afterDatagrams: 2)
      #expect(try first.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 5)
      // The last push of this one is not answered.
      let second = try start(folder, server)
      try second.send("llm_requests_total:2|c")
      _ = try second.scrape(afterDatagrams: 1)
      #expect(try second.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 5)
      let third = try start(folder, server, "--cloudwatch.include=other_total")
      try third.send("llm_requests_total:4|c", "other_total:2|c")
      _ = try third.scrape(afterDatagrams: 2)
      #expect(try third.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 11)
      #expect(server.sum("other_total") == 2)
      #expect(server.faults == [])
    }

    @Test func `a crash just after it was turned on pushes nothing of what was there`() throws {
      let folder = try StateFolder()
      let before = try Weir(folder.flag)
      try before.send("llm_requests_total:1000000|c")
      _ = try before.scrape(afterDatagrams: 1)
      #expect(try before.stop() == .exit(0))
      let server = try CloudWatchServer()
      for _ in 0..<3 { try start(folder, server).kill() }
      let last = try start(folder, server)
      try last.send("llm_requests_total:2|c")
      _ = try last.scrape(afterDatagrams: 1)
      #expect(try last.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 2)
    }

    @Test func `what an outage held is pushed after a crash, also of series that are gone`() throws
    {
      let folder = try StateFolder()
      let server = try CloudWatchServer("503", "503", "503", "200")
      let first = try start(folder, server, "--cloudwatch.interval=1s", "--series.ttl=counter=2s")
      try first.send("llm_requests_total:5|c|#host:a")
      // By the counter, because a later round has success.
      _ = try first.scrape(until: "A round without success", within: 30) { page in
        page.sum("weir_cloudwatch_errors_total") > 0
      }
      _ = try first.scrape(until: "The series is gone, and the answer has come", within: 30) {
        page in
        page.value("llm_requests_total", ["host": "a"]) == nil
      }
      try first.kill()
      let second = try start(folder, server)
      try second.send("llm_requests_total:2|c|#host:b")
      let page = try second.scrape(afterDatagrams: 1)
      #expect(page.value("weir_cloudwatch_failing") == 0)
      #expect(try second.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 7)
      #expect(server.faults == [])
    }

    @Test func `a service that never answers holds a stop up for seconds only`() throws {
      let server = try CloudWatchServer("hang")
      let weir = try start(try StateFolder(), server)
      try weir.send("llm_requests_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      let start = ContinuousClock.now
      #expect(try weir.stop() == .exit(0))
      #expect(ContinuousClock.now - start < .seconds(15))
      #expect(server.sum("llm_requests_total", action: "hang") == 5)
    }

    @Test func `a request that waits at a stop is given up, and none is sent after it`() throws {
      let folder = try StateFolder()
      let server = try CloudWatchServer("hang", "200")
      let weir = try start(folder, server, "--cloudwatch.interval=1s")
      try weir.send("llm_requests_total:5|c")
      _ = try eventually("The request that waits", within: 30) {
        server.sum("llm_requests_total", action: "hang") == 5 ? true : nil
      }
      #expect(try weir.stop() == .exit(0))
      #expect(!weir.log.contains { $0["msg"]?.contains("did not end in time") == true })
      let second = try start(folder, server)
      #expect(try second.stop() == .exit(0))
      #expect(server.sum("llm_requests_total") == 5)
    }
  }
}
