import Testing
import WeirAggregation
import WeirConfiguration
import WeirMetrics
import WeirSockets

@testable import WeirDaemon

@Suite("Own metrics under the names of statsd_exporter")
struct ExporterMetricsTests {
  private static let flag = "--web.statsd-exporter-metrics"
  private static let mapping = """
    mappings:
    - {match: job.*.done, name: jobs_done, labels: {job: '$1'}}
    - {match: noise.*, name: noise, action: drop}
    - {match: job.*.low, name: jobs_low, scale: -1}
    """

  /// The samples of the families, by name and labels, without the prefix.
  private func values(_ families: [OwnFamily]) -> [String: Double] {
    var values: [String: Double] = [:]
    for family in families {
      guard case .samples(let samples) = family.values else { continue }
      for sample in samples {
        values[String(family.name.dropFirst("statsd_exporter_".count)) + sample.labels] =
          sample.value
      }
    }
    return values
  }

  @Test("say what became of lines, each sample once")
  func lines() async throws {
    let server = try MappedServer(Self.mapping, [Self.flag])
    server.send(
      // Mapped, one of them refused for its value and one for its type.
      "job.a.done:2:3|c", "job.b.low:1|c", "job.a.done:1|g",
      // Dropped.
      "noise.x:1|c\nnoise.y:1:2|g",
      // Without a rule, one of them refused for its type.
      "plain:7|g\nplain:7|c\ntimer:3|ms", "unique:a|s",
      // Not readable.
      "broken\nx:y|c\nx:1|q\nx:1|c|@2", "t:1|c|#a,b:c")
    let expected: [(name: String, labels: String, value: Double)] = [
      ("lines_total", "", 14), ("samples_total", "", 12), ("tag_errors_total", "", 1),
      ("sample_errors_total", #"{reason="malformed_line"}"#, 1),
      ("sample_errors_total", #"{reason="malformed_value"}"#, 1),
      ("sample_errors_total", #"{reason="illegal_event"}"#, 1),
      ("sample_errors_total", #"{reason="invalid_sample_factor"}"#, 1),
      ("events_total", #"{type="counter"}"#, 3), ("events_total", #"{type="gauge"}"#, 1),
      ("events_total", #"{type="observer"}"#, 1), ("events_unmapped_total", "", 5),
      ("events_actions_total", #"{action="map"}"#, 4),
      ("events_actions_total", #"{action="drop"}"#, 3),
      ("events_error_total", #"{reason="illegal_negative_counter"}"#, 1),
      ("events_conflict_total", "", 2), ("loaded_mappings", "", 3),
      ("metrics_total", #"{type="counter"}"#, 2), ("metrics_total", #"{type="gauge"}"#, 2),
      ("metrics_total", #"{type="histogram"}"#, 1), ("metrics_total", #"{type="summary"}"#, 0),
      ("udp_packets_total", "", 8), ("config_reloads_total", #"{outcome="failure"}"#, 0),
    ]
    for (name, labels, value) in expected {
      #expect(try await server.own("statsd_exporter_" + name, labels) == value, "\(name)\(labels)")
    }
    server.write("mappings: x\n")
    await #expect(throws: (any Error).self) { try await server.config.reloaded.item.reload() }
    #expect(
      try await server.own("statsd_exporter_config_reloads_total", #"{outcome="failure"}"#) == 1)
  }

  @Test("are not there without the flag")
  func absent() async throws {
    let server = try MappedServer(Self.mapping)
    server.send("job.a.done:2|c")
    #expect(try await !server.lines().contains { $0.contains("statsd_exporter_") })
  }

  @Test("count connections and the relay")
  func inputs() {
    let aggregator = Aggregator()
    var metrics = StatusReader(
      aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
      log: Log(level: .error, format: .logfmt)
    ).metrics()
    var streams = StreamTotals()
    streams.accepted = 20
    streams.refused[StreamRefusal.limit.index] = 2
    streams.refused[StreamRefusal.source.index] = 3
    streams.ended[StreamEnd.failed.index] = 4
    streams.ended[StreamEnd.tooLong.index] = 5
    streams.ended[StreamEnd.sender.index] = 6
    func listener(
      _ transport: Listener.Transport, datagrams: Int = 0, dropped: UInt64 = 0,
      _ connections: StreamTotals? = nil
    ) -> Status.Ingest {
      var totals = IngestTotals()
      totals.datagrams = datagrams
      return Status.Ingest(
        name: .address(.loopback(port: 1)), transport: transport, totals: totals, dropped: dropped,
        connections: connections)
    }
    metrics.ingest = [
      listener(.udp, datagrams: 7, dropped: 8), listener(.udp, datagrams: 1),
      listener(.unixgram, datagrams: 9), listener(.tcp, streams),
      // Streams of Unix sockets are none of TCP.
      listener(.unix, streams),
    ]
    var totals = LineRelayTotals()
    totals.sent.add(10, lines: 110)
    metrics.relay = LineRelay.Reading(
      targets: [("a:1", totals), ("/b", totals)], longLines: 12)
    let values = values(OwnMetrics(metrics).exporterFamilies(Catalog()))
    for (name, value) in [
      ("udp_packets_total", 8), ("udp_packet_drops_total", 8), ("unixgram_packets_total", 9),
      ("tcp_connections_total", 20), ("tcp_connection_errors_total", 9),
      ("tcp_too_long_lines_total", 5), ("relay_packets_total", 20), ("relay_long_lines_total", 12),
      (#"relay_lines_relayed_total{target="a:1"}"#, 110),
      (#"relay_lines_relayed_total{target="/b"}"#, 110), ("loaded_mappings", 0),
    ] as [(String, Double)] {
      #expect(values[name] == value, "\(name)")
    }
  }
}
