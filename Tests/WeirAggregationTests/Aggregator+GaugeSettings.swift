import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

extension Aggregator {
  /// The settings of all gauges by their spelling, as forwarding reads them.
  var gaugeSettings: [String: GaugeSettings] {
    var settings: [String: GaugeSettings] = [:]
    for shard in shards {
      let copies = shard.state.withLock { state -> [RowCopy] in
        var copies: [RowCopy] = []
        for index in state.tables.indices where state.tables[ClassID(index)].kind == .gauge {
          var copy = RowCopy()
          copy.begin(width: state.tables[ClassID(index)].series.rows.width)
          var seen: [UInt32] = []
          state.tables[ClassID(index)].copyRows(
            0..<1_000, .all, notesSaved: false, seen: &seen, into: &copy)
          copies.append(copy)
        }
        return copies
      }
      for copy in copies {
        #expect(copy.settings.isEmpty || copy.settings.count == copy.rows.count)
        for place in copy.settings.indices {
          settings[String(decoding: copy.spelling(place), as: UTF8.self)] = copy.settings[place]
        }
      }
    }
    return settings
  }
}
