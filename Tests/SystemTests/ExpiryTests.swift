import Testing

extension WaitingTests {
  @Suite struct Expiry {
    @Test func `a gauge leaves the scrape, and its name comes back with another type`() throws {
      let weir = try Weir("--series.ttl=gauge=3s", "--series.ttl=set=1s")
      try weir.send("visits_total:3|c", "depth:5|g|#queue:a\ndepth:6|g|#queue:b", "users:ann|s")
      let first = try weir.scrape(afterDatagrams: 3)
      #expect(first.value("depth", ["queue": "a"]) == 5)
      #expect(first.sum("weir_series") == 4)
      // One queue goes on being heard of, so that the name stays a gauge's while the other leaves.
      _ = try eventually("The end of one gauge") {
        try weir.send("depth:+0|g|#queue:b")
        return try weir.scrape().value("depth", ["queue": "a"]) == nil ? true : nil
      }
      try weir.send("depth:1|h")
      let second = try weir.scrape(until: "A clash of types") {
        $0.value("weir_type_clashes_total") == 1
      }
      #expect(second.value("depth", ["queue": "b"]) == 6)
      let third = try weir.scrape(until: "The end of the name") {
        $0.family("depth") == nil && $0.family("users") == nil
      }
      #expect(third.value("visits_total") == 3)
      #expect(third.value("weir_series", ["type": "gauge"]) == 0)
      #expect(third.value("weir_series_expired_total", ["type": "gauge"]) == 2)
      #expect(third.value("weir_series_expired_total", ["type": "set"]) == 1)
      #expect(third.value("weir_series_expired_total", ["type": "counter"]) == 0)
      #expect(third.value("weir_limit_used", ["limit": "names"]) == 1)
      try weir.send("depth:2|h|#queue:a")
      let fourth = try weir.scrape(until: "The name's return") { $0.family("depth") != nil }
      #expect(fourth.family("depth")?.type == "histogram")
      #expect(fourth.value("depth_sum", ["queue": "a"]) == 2)
    }
  }
}
