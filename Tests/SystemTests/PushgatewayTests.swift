import Foundation
import Testing

extension SystemTests {
  @Suite struct PushgatewayTests {
    private func run(_ weir: Weir, _ step: String, _ more: String...) throws -> String {
      let result = try runProgram(
        try Programs.python(),
        [try Programs.client("gateway_client.py"), try weir.webAddress(), step] + more)
      return result.ending == .exit(0) ? "" : result.error
    }

    private func openMetrics(_ weir: Weir) throws {
      let script = """
        import sys, urllib.request
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        request = urllib.request.Request(sys.argv[1], headers={"Accept": "application/openmetrics-text"})
        list(text_string_to_metric_families(urllib.request.urlopen(request).read().decode()))
        """
      let result = try runProgram(
        try Programs.python(), ["-c", script, "http://\(try weir.webAddress())/metrics"])
      #expect(result.ending == .exit(0), "\(result.error)")
    }

    private let key = ["instance": "i/1", "empty": "", "zone": "a b+c%", "job": "batch"]

    @Test func `Python's client pushes, adds and deletes, with and without a key`() throws {
      let weir = try Weir()
      #expect(try run(weir, "push") == "")
      // Beside a sender's series of the same name and type.
      try weir.send("job_last_success_unixtime:7|g|#host:h")
      let page = try weir.scrape(afterDatagrams: 1)
      let items = { (labels: [String: String]) in labels.merging(["kind": "a\"b\\c\nd"]) { $1 } }
      let alone = ["job": "batch", "instance": ""]
      #expect(page.value("job_items_total", items(alone)) == 5)
      #expect(page.value("job_items_total", items(key)) == 3)
      #expect(page.value("job_items_total", items(["job": "a/b", "instance": ""])) == 2)
      #expect(page.value("job_last_success_unixtime", key) == 3)
      #expect(page.value("job_last_success_unixtime", ["host": "h"]) == 7)
      #expect(
        page.value("job_seconds_bucket", alone.merging(["le": "1.0"]) { $1 }) == 2)
      #expect(page.value("job_seconds_count", alone) == 5)
      #expect(page.value("job_bytes_sum", key) == 3)
      #expect(page.value("job_build_info", alone.merging(["version": "1"]) { $1 }) == 1)
      #expect(try #require(page.value("push_time_seconds", key)) > 1_700_000_000)
      #expect(page.value("push_failure_time_seconds", key) == 0)
      #expect(page.family("job_seconds")?.type == "histogram")
      try openMetrics(weir)
      #expect(try run(weir, "add") == "")
      let added = try weir.scrape()
      #expect(added.value("job_last_success_unixtime", alone) == 9)
      #expect(added.value("job_items_total", items(alone)) == 5)
      // The other was replaced as a whole.
      #expect(added.value("job_items_total", items(["job": "a/b", "instance": ""])) == nil)
      #expect(try run(weir, "delete") == "")
      let deleted = try weir.scrape()
      #expect(deleted.family("job_items_total") == nil)
      #expect(deleted.samples("push_time_seconds").count == 1)
      #expect(
        deleted.value(
          "weir_pushgateway_requests_total", ["method": "delete", "result": "accepted"]) == 3)
    }

    @Test func `users are asked for their password`() throws {
      let folder = try StateFolder()
      let file = folder.path + "/web.yml"
      try WaitingTests.Security.users.write(toFile: file, atomically: true, encoding: .utf8)
      let weir = try Weir("--web.config.file=\(file)")
      #expect(try run(weir, "push").contains("401"))
      #expect(try run(weir, "auth", "prometheus", "wrong").contains("401"))
      #expect(try run(weir, "auth", "prometheus", "right") == "")
    }

    @Test func `curl pushes text, plain and packed, and reads why something is refused`() throws {
      let weir = try Weir()
      let url = "http://\(try weir.webAddress())/metrics/job/some_job"
      let body =
        "# TYPE some_metric counter\nsome_metric{label=\"val1\"} 42\nanother_metric 2398.283\n"
      #expect(try CurlAnswer(url, ["--data-binary", body]).status == 200)
      let packed = try runProgram(
        "/bin/sh",
        [
          "-c",
          "printf 'packed 3.14\\n' | gzip | \"$0\" -sS -w '%{http_code}' -X PUT "
            + "-H 'Content-Encoding: gzip' --data-binary @- \"$1\"",
          try Programs.curl(), "\(url)/path@base64/L3Zhci90bXA",
        ])
      #expect(packed.output == "200")
      let refused = try CurlAnswer(url, ["--data-binary", "some_metric 3.14"])
      #expect(refused.status == 400)
      #expect(refused.text.contains("the last line has no line feed"))
      let clash = try CurlAnswer(
        url + "/a/b", ["--data-binary", "# TYPE some_metric gauge\nsome_metric 1\n"])
      #expect(clash.status == 400)
      #expect(clash.text == "some_metric has the type gauge here, and counter in another group\n")
      let page = Array(try http(try weir.webAddress(), "/metrics").text.split(separator: "\n"))
      #expect(page.contains("some_metric{instance=\"\",job=\"some_job\",label=\"val1\"} 42"))
      #expect(page.contains("packed{instance=\"\",job=\"some_job\",path=\"/var/tmp\"} 3.14"))
      // Nothing is sent, so that all of the group goes.
      #expect(try CurlAnswer(url, ["-X", "PUT"]).status == 200)
      #expect(try CurlAnswer(url, ["-X", "DELETE"]).status == 202)
      #expect(try CurlAnswer(url).status == 405)
      #expect(try http(try weir.webAddress(), "/metrics").status == 200)
    }

    @Test func `protobuf is pushed as Go's client does, and shows the same`() throws {
      let weir = try Weir()
      #expect(try run(weir, "push") == "")
      let names = ["job_items_total", "job_seconds", "job_bytes", "job_last_success_unixtime"]
      let filter = names.map { "name%5B%5D=\($0)" }.joined(separator: "&")
      let type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
      let folder = try StateFolder()
      let file = folder.path + "/body"
      let page = try CurlAnswer(
        "http://\(try weir.webAddress())/metrics?\(filter)",
        ["-H", "Accept: \(type)", "--output", file])
      #expect(page.status == 200)
      let other = try Weir()
      // Other labels of the body stay.
      let pushed = try CurlAnswer(
        "http://\(try other.webAddress())/metrics/job/again/pushed/by_go",
        ["-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary", "@\(file)"])
      // Two of its groups are the same but for their job.
      #expect(pushed.status == 400)
      #expect(pushed.text.contains("is there twice"))
      #expect(
        try CurlAnswer(
          "http://\(try weir.webAddress())/metrics/job@base64/YS9i", ["-X", "DELETE"]
        ).status == 202)
      _ = try CurlAnswer(
        "http://\(try weir.webAddress())/metrics?\(filter)",
        ["-H", "Accept: \(type)", "--output", file])
      let again = try CurlAnswer(
        "http://\(try other.webAddress())/metrics/job/again/pushed/by_go",
        ["-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary", "@\(file)"])
      #expect(again.status == 200, "\(again.text)")
      let (before, after) = (try weir.scrape(), try other.scrape())
      for name in names {
        let (old, new) = (try #require(before.family(name)), try #require(after.family(name)))
        #expect(old.type == new.type)
        #expect(old.samples.count == new.samples.count)
        for sample in old.samples {
          let labels = sample.labels.merging(["job": "again", "pushed": "by_go"]) { $1 }
          #expect(after.value(sample.name, labels) == sample.value, "\(sample)")
        }
      }
    }

    @Test(arguments: [11, 12, 13])
    func `no push can make a page illegal`(seed: Int) throws {
      let weir = try Weir("--series.ttl=1s")
      let result = try runProgram(
        try Programs.python(),
        [
          try Programs.client("hostile_pusher.py"), try #require(weir.udp.first),
          try weir.webAddress(), "\(seed)", "1000", try Programs.promtool(),
        ], within: 120)
      #expect(result.ending == .exit(0), "\(result.error)")
    }

    @Test func `groups come back after a crash, and the runs of a job are added up`() throws {
      let folder = try StateFolder()
      let flags = [folder.flag, "--pushgateway.add-up"]
      let first = try Weir.start(flags)
      #expect(try run(first, "run") == "")
      #expect(try run(first, "run") == "")
      #expect(
        try CurlAnswer(
          "http://\(try first.webAddress())/metrics/job/gone", ["--data-binary", "gone 1\n"]
        ).status == 200)
      #expect(
        try CurlAnswer("http://\(try first.webAddress())/metrics/job/gone", ["-X", "DELETE"])
          .status == 202)
      #expect(try first.scrape().sum("job_items_total") == 8)
      #expect(try first.stop(SIGKILL) == .signal(SIGKILL))
      let second = try Weir.start(flags)
      let page = try second.scrape()
      #expect(page.sum("job_items_total") == 8)
      #expect(page.sum("job_seconds_count") == 8)
      #expect(page.sum("job_last_success_unixtime") == 4)
      #expect(page.value("push_time_seconds", ["job": "gone", "instance": ""]) == nil)
      #expect(try run(second, "run") == "")
      #expect(try second.scrape().sum("job_items_total") == 12)
      #expect(try second.stop() == .exit(0))
    }
  }
}
