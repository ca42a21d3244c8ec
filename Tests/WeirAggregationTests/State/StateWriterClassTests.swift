import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("The writer of the state file, when the number of a class is given to another")
struct StateWriterClassTests {
  @Test("tells of the class again")
  func classes() throws {
    var lifetimes = SeriesLifetimes()
    lifetimes[.histogram] = 5
    var written = WrittenServer(Aggregator(rules: .all(lifetimes: lifetimes), shards: 2))
    func frame(_ sequence: UInt64, _ bounds: [Double]) -> Pushed {
      Pushed(
        sequence: sequence, isFinal: true,
        records: ["h1", "h2", "h3", "h4"].map {
          PushedRecord($0, .histogram(bounds: bounds, sum: 3, buckets: [0: 2, 1: 1]))
        })
    }
    try written.frames.apply(frame(1, [1, 2]))
    written.commit()
    let before = written.file.live.keys.map(\.classID)
    #expect(written.file.rows.count == 4)
    written.pass(30)
    var second = frame(1, [5, 6, 7])
    second.instance = 2
    try written.frames.apply(second)
    written.commit()
    #expect(written.file.live.keys.map(\.classID).allSatisfy(before.contains))
    #expect(written.file.rows["h1"]?.values.count == 1 + 4)
    #expect(written.file == written.fresh())
  }

  @Test("drops the series of the one before, also if the other has none by now")
  func emptyClass() throws {
    var written = WrittenServer(Aggregator(shards: 1))
    func frame(_ instance: UInt64, _ bounds: [Double]) -> Pushed {
      Pushed(
        instance: instance, sequence: 1,
        records: [PushedRecord("h\(instance)", .histogram(bounds: bounds, sum: 3, buckets: [0: 2]))]
      )
    }
    try written.frames.apply(frame(1, [1, 2]))
    written.commit()
    #expect(written.server.owners.forget([try SeriesSelector("h1")]).count == 1)
    try written.frames.apply(frame(2, [5, 6, 7]))
    #expect(written.server.owners.forget([try SeriesSelector("h2")]).count == 1)
    written.commit()
    #expect(written.file.rows.isEmpty)
    try written.frames.apply(frame(3, [8, 9]))
    written.commit()
    #expect(Set(written.file.rows.keys) == ["h3"])
    #expect(written.file == written.fresh())
  }
}
