import TestSupport
import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite struct CloudWatchExplanationTests {
  /// What is printed, and what is said when it ends.
  private func explain(
    _ lines: [String], _ flags: [String] = [], page: String = "", mapping: String? = nil
  ) throws -> (lines: [String], refusal: String?) {
    let folder = try Folder()
    var all =
      ["--cloudwatch.namespace=N", "--cloudwatch.include=llm_*"] + flags
    if let mapping {
      folder.write("m.yml", Array(mapping.utf8))
      all.append("--statsd.mapping-config=\(folder.path)/m.yml")
    }
    guard case .run(let options) = try Invocation.parse(all, cores: 1) else {
      throw TestServer.NoServer()
    }
    var refusal: String?
    let text = try CommandFiles.output(in: folder, input: Array(page.utf8)) { input, output in
      do {
        try CloudWatchExplanation.run(options, lines, from: input, to: output)
      } catch let error as CloudWatchExplanation.Refused {
        refusal = error.description
      }
    }
    return (text.split(separator: "\n").map(String.init), refusal)
  }

  @Test func `each kind is named, and what is left out comes with senders' names first`() throws {
    let page = """
      # TYPE weir_lines_total counter
      weir_lines_total 5
      # TYPE llm_wait summary
      llm_wait_sum 6
      llm_wait_count 3
      # TYPE llm_lag_seconds histogram
      llm_lag_seconds_bucket{le="1"} 2
      llm_lag_seconds_bucket{le="+Inf"} 3
      llm_lag_seconds_sum 7
      llm_lag_seconds_count 3
      # TYPE zebra gauge
      zebra 1
      # TYPE llm_\(String(repeating: "x", count: 252)) gauge
      llm_\(String(repeating: "x", count: 252)) 1

      """
    #expect(
      try explain([], page: page).lines == [
        "llm_lag_seconds: a histogram in Seconds, of 1 series",
        "llm_wait: a summary in None, of 1 series",
        "2 metrics of 2 series would be pushed every 60 s, in 1 request",
        "CloudWatch charges about 0.60 dollars a month for metrics, and 0.44 for requests (list prices of "
          + "us-east-1)",
        "1 series have names that CloudWatch can't take",
        "2 names are not pushed: zebra weir_lines_total",
      ])
  }

  @Test func `as many metrics as allowed are not too many`() throws {
    let lines = ["llm_a_total:1|c", "llm_b_total:1|c"]
    #expect(try explain(lines, ["--cloudwatch.max-metrics=2"]).refusal == nil)
    let more = try explain(lines, ["--cloudwatch.max-metrics=1"])
    #expect(more.refusal?.hasPrefix("there are more metrics than") == true)
    #expect(more.lines.last?.hasPrefix("Only 1 of them would be pushed, for 0.30 dollars") == true)
  }

  @Test func `requests cost as many as there are`() throws {
    let lines = (0..<1_001).map { "llm_\($0)_total:1|c" }
    let found = try explain(lines, ["--cloudwatch.max-metrics=5000"])
    #expect(
      found.lines.suffix(2) == [
        "1001 metrics of 1001 series would be pushed every 60 s, in 2 requests",
        "CloudWatch charges about 300.30 dollars a month for metrics, and 0.88 for requests (list prices of "
          + "us-east-1)",
      ])
  }

  @Test func `twenty names that are left out are listed`() throws {
    for count in [20, 21] {
      let lines = (0..<count).map { "x\($0):1|g" }
      let last = try #require(try explain(lines).lines.last)
      #expect(last.hasPrefix("\(count) names are not pushed: x0 "))
      #expect(last.hasSuffix(" …") == (count == 21))
    }
  }

  @Test func `a line that is refused is said, and mapping rules apply`() throws {
    let refused = try explain(["llm_a_total:1|c", "llm_b_total:one|c"])
    #expect(refused.refusal != nil)
    #expect(refused.lines == [])
    let mapped = try explain(
      ["app.a:1|c"],
      mapping: "mappings:\n- {match: app.*, name: llm_app_total, labels: {part: $1}}\n")
    #expect(mapped.lines.first == "llm_app_total: a counter in Count, of 1 series")
  }

  @Test func `a page that is none is refused`() throws {
    let found = try explain([], page: "# TYPE a counter\na one\n")
    #expect(found.refusal?.hasPrefix("the page can't be read: ") == true)
  }

  @Test func `the command needs a namespace`() {
    let error = #expect(throws: UsageError.self) {
      try Subcommand.explain.read(["--cloudwatch", "a:1|c"], 1)
    }
    #expect(
      error?.description
        == "--cloudwatch is given without --cloudwatch.namespace; add it, with --cloudwatch.include"
    )
  }
}
