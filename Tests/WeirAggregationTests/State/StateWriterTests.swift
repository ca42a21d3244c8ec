import Testing
import WeirMetrics
import WeirState

@testable import WeirAggregation

@Suite("The writer of the state file")
struct StateWriterTests {
  @Test("writes everything first, then only what has changed, with its rounding error")
  func counters() {
    var written = WrittenServer()
    written.lines.apply("a:1|c", "b:0.1|c", "b:0.2|c")
    #expect(written.commit().series == 2)
    #expect(written.file.value("a") == 1)
    #expect(written.file.rows["b"]?.error != 0)
    #expect(written.file.key.count == 17)
    written.pass(2)
    written.commit()
    #expect(written.commit().timeless == StateCut())
    written.lines.apply("a:4|c")
    #expect(written.commit().values == 1)
    #expect(written.file.value("a") == 5)
    #expect(written.file.rows["a"]?.tick == 2)
    #expect(written.file.rows["b"]?.tick == 0)
    #expect(written.file == written.fresh())
  }

  @Test("writes each kind of row as it is")
  func kinds() {
    var written = WrittenServer()
    written.lines.apply("g:-3.5|g", "h:2:300000|h", "n:-1|h", "s:x|s", "s:y|s")
    written.commit()
    let rows = written.file.rows
    #expect(written.file.value("g") == -3.5)
    #expect(rows["h"]?.isNegative == false)
    #expect(rows["n"]?.isNegative == true)
    #expect(rows["s"]?.values == [])
    #expect(rows["s"]?.isBegun == true)
    #expect(rows["s"]?.steps[0]?.count == 2 + 16)
    let buckets = rows["h"]?.values.dropFirst().map { Double(bitPattern: $0) }
    #expect(buckets?.reduce(0, +) == 2)
    #expect(buckets?.last == 1)
    #expect(buckets?.count == HistogramBounds.standard.bucketCount)
  }

  @Test("removes rows of series that have expired, and gives the row to the next series")
  func removed() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 5
    var written = WrittenServer(Aggregator(rules: .all(lifetimes: lifetimes), shards: 1))
    written.lines.apply("a:1|c", "b:1|c")
    written.commit()
    for _ in 0..<4 {
      written.pass(4)
      written.lines.apply("b:1|c")
    }
    #expect(written.commit().removed == 1)
    #expect(Set(written.file.rows.keys) == ["b"])
    written.lines.apply("c:7|c")
    written.commit()
    #expect(written.file.value("c") == 7)
    #expect(written.file == written.fresh())
    // Chunks at the end are given back with rows that the file knows.
    written.pass(40)
    #expect(written.commit().removed == 2)
    #expect(written.file.rows.isEmpty)
    #expect(written.commit().removed == 0)
    // The first series of a chunk that is made again.
    written.lines.apply("d:8|c", "e:9|c")
    #expect(written.commit().series == 2)
    #expect(written.file == written.fresh())
  }

  @Test("says nothing of series that came and went between two commits")
  func between() throws {
    var written = WrittenServer(Aggregator(shards: 1))
    written.lines.apply("a:1|c", "b:1|c", "c:1|c")
    #expect(written.server.owners.forget([try SeriesSelector("a")]).count == 1)
    let cut = written.commit()
    #expect(cut.series == 2 && cut.removed == 0)
    #expect(Set(written.file.rows.keys) == ["b", "c"])
  }

  @Test("keeps steps of windows that were written before")
  func windows() {
    var written = WrittenServer(
      Aggregator(rules: .all(observer: .summary(SummaryOptions(maxAgeSeconds: 300))), shards: 1))
    for step in 0..<4 {
      // What was written before is not written again.
      let before = written.file.stepsRead
      written.lines.apply("s:\(step)|s", "h:\(step + 1)|h")
      written.commit()
      #expect(written.file.stepsRead == before + 2)
      written.lines.apply("s:x|s")
      written.commit()
      #expect(written.file.stepsRead == before + 3)
      written.pass(60)
    }
    #expect(written.file.rows["h"]?.steps.count == 4)
    #expect(written.file == written.fresh())
  }

  @Test("writes help and units that have changed, also those of metrics to come")
  func metas() {
    var written = WrittenServer()
    let aggregator = written.server.aggregator
    written.lines.apply("a:1|c")
    aggregator.keep(FamilyMeta(help: "A."), of: Array("a".utf8))
    aggregator.keep(FamilyMeta(unit: "bytes"), of: Array("b".utf8))
    #expect(written.commit().metas == 2)
    #expect(written.file.metas == ["a": ["", "A."], "b": ["bytes", ""]])
    aggregator.keep(FamilyMeta(help: "A."), of: Array("a".utf8))
    aggregator.keep(FamilyMeta(unit: "bytes"), of: Array("b".utf8))
    #expect(written.commit().metas == 0)
    aggregator.keep(FamilyMeta(unit: "s", help: "A."), of: Array("a".utf8))
    #expect(written.commit().metas == 1)
    #expect(written.file == written.fresh())
  }

  @Test("writes everything again after a reset")
  func reset() throws {
    var written = WrittenServer()
    written.lines.apply("a:1|c", "s:x|s")
    try written.frames.apply(Pushed(sequence: 1, records: [PushedRecord("c", .counter(5))]))
    written.commit()
    written.pass(5)
    written.writer.reset()
    written.file = StateReplay()
    let cut = written.commit()
    #expect(cut.series == 3)
    #expect(cut.owners == 1)
    #expect(written.file == written.fresh())
  }

  @Test("does not miss an update in the second of a cut, nor one while the clock stands still")
  func sameSecond() {
    var written = WrittenServer()
    written.pass(10)
    for round in 1...5 {
      written.lines.apply("a:1|c")
      written.commit()
      #expect(written.file.value("a") == Double(round))
      if round == 3 { written.pass(1) }
    }
  }
}
