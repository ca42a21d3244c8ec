import Foundation
import Testing

extension SystemTests {
  /// The clients that people have, from PyPI.
  @Suite struct Clients {
    @Test func `everything that the DogStatsD client sends is in the scrape`() throws {
      let weir = try Weir()
      try runClient("datadog_client.py", weir)
      let shop = ["shop": "berlin"]
      let page = try weir.scrape(until: "The last line of the client") {
        $0.sum("dog_buffered_total") == 100 && $0.sum("weir_service_checks_total") == 1
      }
      #expect(page.value("dog_orders_total", ["shop": "berlin", "tier": "gold"]) == 5)
      #expect(page.value("dog_queue_length", shop) == 11)
      #expect(page.value("dog_payload_bytes_count", shop) == 2)
      #expect(page.value("dog_payload_bytes_sum", shop) == 3.25)
      #expect(page.value("dog_duration_seconds_sum", shop) == 45.75)
      let belowMinute = ["shop": "berlin", "le": "60.0"]
      #expect(page.value("dog_duration_seconds_bucket", belowMinute) == 2)
      #expect(page.value("dog_render_seconds_sum", shop) == 1.75)
      #expect(page.value("dog_render_seconds_count", shop) == 2)
      #expect(page.value("dog_visitors", shop) == 3)
      #expect(page.value("dog_buffered_total", ["region": "eu", "parity": "0"]) == 50)
      #expect(page.value("dog_buffered_total", ["region": "eu", "parity": "1"]) == 50)
      #expect(page.sum("weir_events_total") == 2)
      #expect(page.sum("weir_lines_refused_total") == 0)
      // The client drew lots: the server saw 2 + 100 other counter lines, the rest were sampled.
      let sampled = page.sum("weir_samples_total", ["type": "counter"]) - 102
      #expect(sampled > 100 && sampled < 300)
      #expect(page.value("dog_sampled_total") == 2 * sampled)
    }

    @Test func `everything that the StatsD client sends is in the scrape`() throws {
      let weir = try Weir()
      try runClient("statsd_client.py", weir)
      let page = try weir.scrape(until: "The last line of the client") {
        $0.value("classic_threads") == 8
      }
      #expect(page.value("classic_logins_total") == 10)
      #expect(page.value("classic_page_seconds_count") == 3)
      #expect(page.value("classic_page_seconds_sum") == 2.625)
      #expect(page.value("classic_temperature_celsius") == 22)
      #expect(page.value("classic_balance_euros") == -40)
      #expect(page.value("classic_users") == 2)
      #expect(page.value("classic_batched_total") == 7)
      #expect(page.sum("weir_lines_refused_total") == 0)
    }

    @Test(arguments: [
      "dialect_total:2|c|#shop:berlin,tier:gold", "dialect_total:2|c|#tier:gold,shop:berlin",
      "dialect_total:2|c|#shop:berlin,#tier:gold",
      "dialect_total,shop=berlin,tier=gold:2|c", "dialect_total#tier=gold,shop=berlin:2|c",
      "dialect_total[shop=berlin,tier=gold]:2|c", "dialect[tier=gold,shop=berlin]_total:2|c",
      "dialect_total:1:1|c|#shop:berlin,tier:gold", "dialect.total:2|c|#shop:berlin,tier:gold",
      "dialect_total:1|c|@0.5|#shop:berlin,tier:gold|c:ci-1234|e:it-false|card:low",
      "dialect_total:2|c|T1656581400|#shop:berlin,tier:gold",
    ])
    func `a dialect lands in the same series as every other`(line: String) throws {
      let weir = try Weir()
      try weir.send("dialect_total:5|c|#shop:berlin,tier:gold", "\(line)\n")
      let page = try weir.scrape(afterDatagrams: 2)
      let labels = ["shop": "berlin", "tier": "gold"]
      #expect(page.value("dialect_total", labels) == 7)
      #expect(page.family("dialect_total")?.samples.count == 1)
      #expect(page.sum("weir_lines_refused_total") == 0)
    }

    @Test func `a clash of types is refused and does not disturb the scrape`() throws {
      let weir = try Weir()
      try weir.send(
        "jobs_total:1|c", "jobs_total:5|g", "wait_seconds:1|h", "wait_seconds_count:4|c",
        "jobs_total:2|c")
      let page = try weir.scrape(afterDatagrams: 5)
      #expect(page.value("jobs_total") == 3)
      #expect(page.value("wait_seconds_count") == 1)
      #expect(page.sum("weir_type_clashes_total") == 2)
    }

    private func runClient(_ name: String, _ weir: Weir) throws {
      let target = try HostPort(try #require(weir.udp.first))
      let client = try runProgram(
        try Programs.python(), [try Programs.client(name), target.host, "\(target.port)"])
      #expect(client.ending == .exit(0), "\(client.error)")
    }
  }
}
