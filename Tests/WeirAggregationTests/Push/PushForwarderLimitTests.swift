import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Limits on forwarders")
struct PushForwarderLimitTests {
  private func server() -> PushServer {
    PushServer(shards: 1) {
      $0.totalsPerInstanceMax = 4
      $0.totalsPerForwarderMax = 10
    }
  }

  private func frame(_ instance: UInt64, _ sequence: UInt64, isForwarder: Bool) -> Pushed {
    Pushed(
      instance: instance, sequence: sequence, isForwarder: isForwarder,
      records: (0..<12).map { PushedRecord("c\($0)_total", .counter(1)) })
  }

  @Test("let them hold more totals than an application, frame by frame")
  func more() throws {
    let server = server()
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 1, isForwarder: false))
    #expect(ingest.refused == [.tooManyTotals: 8])
    try ingest.apply(frame(2, 1, isForwarder: true))
    #expect(ingest.refused == [.tooManyTotals: 10])
    var totals = server.owners.totals()
    #expect(totals.fullest == 4 && totals.fullestForwarder == 10 && totals.totals == 14)
    // What it holds stays, if it does not say that it is a forwarder any more.
    try ingest.apply(frame(2, 2, isForwarder: false))
    #expect(ingest.refused == [.tooManyTotals: 12])
    totals = server.owners.totals()
    #expect(totals.fullest == 10 && totals.fullestForwarder == 0)
  }

  @Test("count a gauge of text by the memory that it takes")
  func textGauges() throws {
    let server = server()
    var ingest = PushIngest(server.owners)
    func frame(_ sequence: UInt64, _ changes: Double) -> Pushed {
      Pushed(
        sequence: sequence, isForwarder: true,
        records: (0..<9).map {
          PushedRecord("g\($0)", .textGauge(settings: 1, 5, changes: changes))
        })
    }
    try ingest.apply(frame(1, 0))
    // An entry each, and three numbers each, of which two gauges' fit into a total. A frame counts them
    // for each record alone, so that the next one finds more room.
    #expect(server.owners.totals().totals == 8)
    #expect(ingest.refused == [.tooManyTotals: 4])
    try ingest.apply(frame(2, 1))
    #expect(server.owners.totals().totals == 9)
    #expect(ingest.refused == [.tooManyTotals: 7])
    // Known ones are taken although there is no room for others.
    try ingest.apply(frame(3, 1))
    #expect(server.owners.totals().totals == 9)
    #expect(ingest.refused == [.tooManyTotals: 10])
    #expect(server.gauge("g0") == 6)
  }
}
