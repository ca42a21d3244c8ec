import Foundation
import Testing

extension SystemTests {
  /// Senders that make up series without end leave memory and everybody else's series alone.
  @Suite struct Flood {
    private static let datagramBytesMax = 1_432
    /// What the page and its rendering may leave behind between two looks.
    private static let growthBytesMax = 4.0 * 1_048_576
    private static let steady = (0..<20).map { "steady_total:\($0 + 1)|c|#route:r\($0)" }

    @Test func `three hundred thousand random names leave memory flat and others exact`() throws {
      let weir = try Weir("--limit.names=5000")
      let flood = try flood(weir, rounds: 60) { name, number in
        "flood_\(name)_\(["total:1|c", "seconds:1|h", "celsius:1|g", "users:1|s"][number % 4])"
      }
      expectSteady(flood)
      let page = flood.page
      #expect(page.sum("weir_limit_refusals_total") == page.sum("weir_lines_refused_total"))
      #expect(page.sum("weir_limit_overflows_total") == 0)
      #expect(page.value("weir_limit_used", ["limit": "names"]) == 5_000)
      #expect(page.value("weir_limit", ["limit": "names"]) == 5_000)
      #expect(page.sum("weir_series") == 5_019)
      // Each name brings one sample, and one place is left of the names for the steady one.
      let shown = page.families.filter { $0.name.hasPrefix("flood_") }.count
      #expect(shown == 4_999)
      #expect(page.sum("weir_lines_refused_total") == flood.lines - 4_999)
      let rows = page.samples("weir_limit_refusals_total").filter { $0.labels["limit"] == "names" }
      #expect(rows.count == 101)
    }

    @Test func `random labels go to the overflow series and are all there`() throws {
      let weir = try Weir("--limit.series-per-name=2000", "--limit.overflow=series")
      let flood = try flood(weir, rounds: 20) { name, number in
        number % 2 == 0 ? "flood_total:3|c|#user:\(name)" : "flood_seconds:0.5|h|#user:\(name)"
      }
      expectSteady(flood)
      let page = flood.page
      #expect(page.sum("weir_lines_refused_total") == 0)
      #expect(page.sum("flood_total") == 3 * flood.lines / 2)
      #expect(page.sum("flood_seconds_count") == flood.lines / 2)
      #expect(page.sum("flood_seconds_sum") == flood.lines / 4)
      #expect(page.samples("flood_total").count == 2_000)
      #expect(page.samples("flood_seconds_count").count == 2_000)
      let labels = ["weir_overflow": "true"]
      let overflowed = flood.lines - 2 * 1_999
      #expect(page.sum("flood_total", labels) == 3 * overflowed / 2)
      #expect(page.sum("flood_seconds_count", labels) == overflowed / 2)
      for name in ["flood_total", "flood_seconds"] {
        #expect(
          page.value(
            "weir_limit_overflows_total", ["limit": "series_per_name", "name": name])
            == overflowed / 2)
      }
    }

    private struct Outcome {
      var lines = 0.0
      var rounds = 0.0
      var page: Page
      /// Once the limit was reached, and at the end.
      var resident: (before: Double, after: Double)
    }

    /// Sends 5,000 lines a round, each made from a name that is new, and the steady ones once; waits
    /// for each round, so that nothing is dropped. Limits are reached within the first third.
    private func flood(
      _ weir: Weir, rounds: Int, line: (_ name: String, _ number: Int) -> String
    ) throws -> Outcome {
      var random = Seeded(state: 7)
      let sender = try weir.sender()
      var (datagrams, lines, before) = (0.0, 0.0, 0.0)
      for round in 0..<rounds {
        try sender.send(Self.steady.joined(separator: "\n"))
        datagrams += 1
        var datagram = ""
        for number in 0..<5_000 {
          let line = line(String(random.next(), radix: 36), number)
          if datagram.utf8.count + 1 + line.utf8.count > Self.datagramBytesMax {
            try sender.send(datagram)
            datagrams += 1
            datagram = ""
          }
          datagram += datagram.isEmpty ? line : "\n\(line)"
          lines += 1
        }
        try sender.send(datagram)
        datagrams += 1
        try arrival(weir, of: datagrams)
        if round == rounds / 3 {
          before = try #require(try weir.scrape().value("process_resident_memory_bytes"))
        }
      }
      let page = try weir.scrape()
      let after = try #require(page.value("process_resident_memory_bytes"))
      return Outcome(
        lines: lines, rounds: Double(rounds), page: page, resident: (before, after))
    }

    /// Reads the page as text, for it is looked at often and has many series.
    private func arrival(_ weir: Weir, of datagrams: Double) throws {
      _ = try eventually("The reception of \(datagrams) datagrams") {
        let page = try http(try weir.webAddress(), "/metrics").text
        let received = page.split(separator: "\n").first {
          $0.hasPrefix("weir_datagrams_received_total{")
        }
        return received.flatMap { Double($0.split(separator: " ").last ?? "") } == datagrams
          ? true : nil
      }
    }

    private func expectSteady(_ flood: Outcome) {
      #expect(flood.page.sum("weir_datagrams_dropped_total") == 0)
      for route in 0..<20 {
        let value = flood.page.value("steady_total", ["route": "r\(route)"])
        #expect(value == flood.rounds * Double(route + 1))
      }
      let growth = flood.resident.after - flood.resident.before
      #expect(growth < Self.growthBytesMax, "Memory grew by \(growth) bytes at the limit.")
    }
  }
}
