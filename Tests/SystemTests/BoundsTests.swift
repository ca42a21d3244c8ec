import Foundation
import Testing

extension SystemTests {
  @Suite("The bounds of pushed histograms")
  struct BoundsTests {
    private func push(_ weir: Weir, bounds: String, _ values: Int...) throws {
      let client = try Programs.client("push_histogram.py")
      let arguments = [client, try #require(weir.udp.first), "llm.tokens", bounds]
      let result = try runProgram(try Programs.python(), arguments + values.map(String.init))
      #expect(result.ending == .exit(0), "\(result.error)")
    }

    /// The lines of the histogram in a scrape.
    private func lines(_ weir: Weir, accept: String) throws -> [Substring] {
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send("GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept: \(accept)\r\n\r\n")
      return try exchange.answer().text.split(separator: "\n").filter {
        $0.hasPrefix("llm_tokens")
      }
    }

    @Test("are those of the client, in text and in OpenMetrics")
    func client() throws {
      let weir = try Weir()
      try push(weir, bounds: "100,1000,10000", 50, 500, 501, 5_000, 50_000)
      for accept in ["text/plain", "application/openmetrics-text;version=1.0.0"] {
        #expect(
          try lines(weir, accept: accept) == [
            "llm_tokens_bucket{le=\"100.0\"} 1", "llm_tokens_bucket{le=\"1000.0\"} 3",
            "llm_tokens_bucket{le=\"10000.0\"} 4", "llm_tokens_bucket{le=\"+Inf\"} 5",
            "llm_tokens_sum 56051", "llm_tokens_count 5",
          ])
      }
    }

    @Test("are those of a flag where there is one for the name")
    func flag() throws {
      let weir = try Weir("--histogram.bounds=llm_*=1,2")
      try push(weir, bounds: "100,1000,10000", 50)
      #expect(
        try lines(weir, accept: "text/plain") == [
          "llm_tokens_bucket{le=\"1.0\"} 0", "llm_tokens_bucket{le=\"2.0\"} 0",
          "llm_tokens_bucket{le=\"+Inf\"} 1", "llm_tokens_sum 50", "llm_tokens_count 1",
        ])
    }

    @Test("are those of the first of several clients")
    func first() throws {
      let weir = try Weir()
      try push(weir, bounds: "100,1000", 50, 500)
      // Each of its buckets counts in the first one that contains it whole.
      try push(weir, bounds: "20,200", 10, 100, 5_000)
      #expect(
        try lines(weir, accept: "text/plain") == [
          "llm_tokens_bucket{le=\"100.0\"} 2", "llm_tokens_bucket{le=\"1000.0\"} 4",
          "llm_tokens_bucket{le=\"+Inf\"} 5", "llm_tokens_sum 5660", "llm_tokens_count 5",
        ])
    }
  }
}
