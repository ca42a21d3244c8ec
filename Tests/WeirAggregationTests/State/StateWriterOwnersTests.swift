import Testing
import WeirMetrics
import WeirState

@testable import WeirAggregation

@Suite("Owners that the state file's writer writes")
struct StateWriterOwnersTests {
  /// A server that retires after 5 seconds and forgets after 10, and instances that have counted 5 each.
  private func forgetful(instances: UInt64, sequence: UInt64) throws -> WrittenServer {
    var written = WrittenServer { limits in
      limits.retireSeconds = 5
      limits.forgetSeconds = 10
    }
    for instance in 1...instances {
      try written.frames.apply(
        Pushed(instance: instance, sequence: sequence, records: [PushedRecord("c", .counter(5))]))
    }
    return written
  }

  @Test("writes owners that have changed, and removes those that were forgotten")
  func owners() throws {
    var written = try forgetful(instances: 3, sequence: 1)
    #expect(written.commit().owners == 3)
    #expect(written.commit().owners == 0)
    written.pass(2)
    try written.frames.apply(
      Pushed(instance: 2, sequence: 2, records: [PushedRecord("c", .counter(6))]))
    #expect(written.commit().owners == 1)
    #expect(written.file.value("c") == 16)
    #expect(written.file.owners[[2, 1_000]]?.window[0] == 2)
    #expect(written.file.owners[[2, 1_000]]?.entries[0][3] == 6.0.bitPattern)
    #expect(written.file == written.fresh())
  }

  @Test("writes one owner of many in a shard")
  func oneOwner() throws {
    var written = WrittenServer(ownerShards: 1)
    for sequence in 1...2 as ClosedRange<UInt64> {
      for instance in 1...3 as ClosedRange<UInt64> where sequence == 1 || instance == 2 {
        try written.frames.apply(
          Pushed(
            instance: instance, sequence: sequence,
            records: [PushedRecord("c", .counter(Double(sequence)))]))
      }
      #expect(written.commit().owners == (sequence == 1 ? 3 : 1))
    }
    #expect(written.file == written.fresh())
  }

  @Test("removes an owner that was forgotten, also one that came again since")
  func forgotten() throws {
    var written = try forgetful(instances: 2, sequence: 9)
    written.commit()
    written.pass(20)
    // One that comes and goes between two commits was never in the file.
    try written.frames.apply(
      Pushed(instance: 7, sequence: 1, records: [PushedRecord("c", .counter(1))]))
    try written.frames.apply(
      Pushed(instance: 2, sequence: 1, records: [PushedRecord("c", .counter(2))]))
    #expect(written.commit().ownersRemoved == 2)
    #expect(Set(written.file.owners.keys) == [[2, 1_000], [7, 1_000]])
    #expect(written.file.owners[[2, 1_000]]?.window[2] == 1)
  }

  @Test("writes the values of a gauge's owners again when one has left without an update")
  func gauges() throws {
    var written = WrittenServer()
    func gauge(_ instance: UInt64, _ sequence: UInt64, _ value: Double, final: Bool = false)
      -> Pushed
    {
      Pushed(
        instance: instance, sequence: sequence, isFinal: final,
        records: [PushedRecord("g", .gauge(value, .sum))])
    }
    try written.frames.apply(gauge(1, 1, 3))
    try written.frames.apply(gauge(2, 1, 4))
    written.commit()
    #expect(written.file.value("g") == 7)
    #expect(written.file.rows["g"]?.gauges?.members.count == 2)
    written.pass(3)
    written.commit()
    // The last frame of an instance touches the gauge, so that it leaves by silence instead.
    for _ in 0..<30 {
      written.pass(4)
      try written.frames.apply(
        Pushed(
          instance: 2, sequence: UInt64(written.second), records: [PushedRecord("c", .counter(1))]))
      written.commit()
    }
    let values = written.file.rows["g"]?.gauges?.members.map { Double(bitPattern: $0[2]) }
    #expect(values?.filter { !$0.isNaN } == [4])
    #expect(written.file.value("g") == 4)
    written.pass(1)
    written.commit()
    #expect(written.commit().timeless == StateCut(), "it is written once")
    #expect(written.file == written.fresh())
  }

  @Test("drops the values of a gauge's owners when the last has left and text keeps the series")
  func lastOwnerLeaves() throws {
    var written = WrittenServer()
    try written.frames.apply(
      Pushed(sequence: 1, records: [PushedRecord("g", .gauge(3, .last))]))
    written.pass(2)
    written.lines.apply("g:9|g")
    written.commit()
    #expect(written.file.rows["g"]?.gauges?.members.count == 1)
    written.pass(90)
    written.commit()
    #expect(written.file.rows["g"]?.gauges == nil)
    #expect(written.file.value("g") == Contents(written.server.aggregator).values[.gauge]?["g"])
    #expect(written.file == written.fresh())
  }
}
