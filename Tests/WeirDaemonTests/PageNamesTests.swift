import Testing
import WeirAggregation
import WeirExposition
import WeirMetrics
import WeirWire

@testable import WeirDaemon

@Suite("The names of a page")
struct PageNamesTests {
  private func names(_ lines: [String], style: NameStyle = .classic) -> PageNames {
    let aggregator = Aggregator(names: style)
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.joined(separator: "\n").utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    #expect(batch.refusals.total == 0)
    var catalog = Catalog()
    catalog.update(from: aggregator)
    return PageNames(
      catalog,
      own: [
        OwnFamily("own_total", .counter, "", 1), OwnFamily("plain", .gauge, "", 1),
        OwnFamily("took_seconds", "", buckets: [0], sum: 0),
      ])
  }

  @Test(
    "allow a counter its OpenMetrics name if no other family needs one of the names",
    arguments: [
      (["a_total:1|c"], "a_total", true), (["a:1|c"], "a", false),
      (["_total:1|c"], "_total", false),
      // The family's name, and those of its samples.
      (["a_total:1|c", "a:1|g"], "a_total", false), (["a_total:1|c", "a:1|h"], "a_total", false),
      (["a_total:1|c", "a_created:1|g"], "a_total", false),
      (["a_total:1|c", "a_created:1|h"], "a_total", false),
      (["a_total:1|c", "a_sum:1|g"], "a_total", true),
      // The names of a histogram's samples.
      (["b:1|h", "b_count_total:1|c"], "b_count_total", false),
      (["b:1|h", "b_bucket_total:1|c"], "b_bucket_total", false),
      (["b:1|h", "b_sum_total:1|c"], "b_sum_total", false),
      (["b:1|h", "b_created_total:1|c"], "b_created_total", false),
      (["b:1|h", "b_info_total:1|c"], "b_info_total", true),
      (["b:1|g", "b_count_total:1|c"], "b_count_total", true),
      // Of two counters, the one with the shorter name.
      (["a_total:1|c", "a_created_total:1|c"], "a_total", true),
      (["a_total:1|c", "a_created_total:1|c"], "a_created_total", false),
      (["a_created_total:1|c"], "a_created_total", true),
      (["a_total:1|g", "a_created_total:1|c"], "a_created_total", true),
      (["a_total:1|c", "a_total_total:1|c"], "a_total_total", false),
      (["a_total:1|c", "a_total_total:1|c"], "a_total", true),
      // Weir's own families.
      (["own_total_total:1|c"], "own_total_total", false),
      (["own_created_total:1|c"], "own_created_total", false),
      (["plain_total:1|c"], "plain_total", false),
      (["took_seconds_sum_total:1|c"], "took_seconds_sum_total", false),
      (["own_created:1|g"], "own_total", false), (["x:1|g"], "own_total", true),
    ] as [([String], String, Bool)])
  func stems(lines: [String], name: String, hasStem: Bool) {
    // In any order.
    #expect(names(lines).hasStem(Array(name.utf8)) == hasStem)
    #expect(names(lines.reversed()).hasStem(Array(name.utf8)) == hasStem)
  }

  @Test("are compared without their quotes")
  func quoted() {
    let stem = { (lines: [String]) in
      names(lines, style: .utf8).hasStem(Array("\"a.b_total\"".utf8))
    }
    #expect(stem(["a.b_total:1|c"]))
    #expect(!stem(["a.b_total:1|c", "a.b:1|g"]))
    #expect(!stem(["a.b_total:1|c", "a.b_created:1|g"]))
  }

  @Test("are taken by families and by the samples of histograms")
  func taken() {
    let names = names(["h:1|h", "g:1|g"])
    let taken = [
      "h", "h_bucket", "h_sum", "h_count", "h_created", "g", "plain", "took_seconds_count",
    ]
    for name in taken { #expect(names.isTaken(Array(name.utf8)), "\(name)") }
    for name in ["x", "h_total", "g_sum", "h_sum_sum"] {
      #expect(!names.isTaken(Array(name.utf8)), "\(name)")
    }
  }
}
