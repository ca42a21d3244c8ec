import Testing
import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

@testable import WeirAggregation

/// Gauges of which all, some or no values of instances come back, in files written by hand.
struct StateOwnerGaugeTests {
  typealias Row = StateFixture.Row
  typealias Entry = OwnerFixture.Entry

  /// The value of an instance in the file's group, and what its entry says of its place.
  struct Value: Sendable {
    var instance: UInt64
    var value: Double
    var group = 5
    var member: Int?
    var isThere = true
  }

  struct GaugeCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let values: [Value]
    /// Whether text has set the gauge after its instances.
    var hasText = false
    let shown: Double?
    /// Instances whose values came back.
    let joined: Set<UInt64>

    init(
      _ name: String, _ values: [Value], hasText: Bool = false, shown: Double?, joined: Set<UInt64>
    ) {
      testDescription = name
      self.values = values
      self.hasText = hasText
      self.shown = shown
      self.joined = joined
    }
  }

  /// The file's value of the gauge is 8; the sum of the instances' is another one.
  static let gaugeCases = [
    GaugeCase(
      "all come back, so that the value stays",
      [Value(instance: 1, value: 2), Value(instance: 2, value: 3)], shown: 8, joined: [1, 2]),
    GaugeCase(
      "one does not, so that the value is that of the others",
      [
        Value(instance: 1, value: 2), Value(instance: 2, value: 3),
        Value(instance: 3, value: 7, isThere: false),
      ], shown: 5, joined: [1, 2]),
    GaugeCase(
      "none comes back", [Value(instance: 1, value: 2, isThere: false)], shown: nil, joined: []),
    GaugeCase(
      "none comes back, and text was later", [Value(instance: 1, value: 2, isThere: false)],
      hasText: true, shown: 8, joined: []),
    GaugeCase(
      "another group", [Value(instance: 1, value: 2, group: 6), Value(instance: 2, value: 3)],
      shown: 3, joined: [2]),
    GaugeCase(
      "a member that is not there",
      [Value(instance: 1, value: 2, member: 2), Value(instance: 2, value: 3)], shown: 3,
      joined: [2]),
    GaugeCase(
      "the value of another instance",
      [Value(instance: 1, value: 2, member: 1), Value(instance: 2, value: 3)], shown: 3,
      joined: [2]),
    GaugeCase(
      "a value that was removed", [Value(instance: 1, value: .nan), Value(instance: 2, value: 3)],
      shown: 8, joined: [2]),
  ]

  @Test(arguments: gaugeCases) func `values of gauges`(_ known: GaugeCase) {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.gauge))
    // The instances set it last in second 990.
    fixture.series(
      0, .gauge, [Row(row: 0, spelling: "g", values: [8], ago: known.hasText ? 9 : 10)])
    fixture.rows(.gauges, 0, [0]) { writer, _ in
      writer.append(varint: 5)
      writer.append(GaugeMerge.sum.rawValue)
      writer.append(varint: 990)
      writer.append(varint: known.values.count)
      for value in known.values {
        writer.append(littleEndian: value.instance)
        writer.append(varint: 1_000)
        writer.append(littleEndian: value.value.bitPattern)
      }
    }
    for (index, value) in known.values.enumerated() where value.isThere {
      let place = GaugeGroups.Place(group: value.group, member: value.member ?? index)
      fixture.owner(
        OwnerFixture(
          number: value.instance, flags: 8,
          entries: [
            Entry(about: 2, detail: place.bits, isHeld: false),
            Entry(fingerprint: 8, about: 2, detail: 0, isHeld: false),
          ], gauges: [0]))
    }
    let server = RestartedServer(fixture)
    #expect(server.restored.series == (known.shown == nil ? 0 : 1))
    #expect(server.values[.gauge]?["g"] == known.shown)
    for value in known.values where value.isThere {
      let details = server.owner(value.instance).map { owner in
        (0..<2).map { owner.entries[$0].detail }
      }
      #expect(details?[1] == 0, "it has had no place")
      let isJoined = (details?[0]).flatMap { GaugeGroups.Place(bits: $0) } != nil
      #expect(isJoined == known.joined.contains(value.instance))
      if !isJoined { #expect(details?[0] == GaugeGroups.Place.left) }
    }
    // Those that are silent leave, and nobody else.
    server.pass(1_001...1_200)
    #expect(server.values[.gauge]?["g"] == (known.hasText ? 8 : nil))
  }
}
