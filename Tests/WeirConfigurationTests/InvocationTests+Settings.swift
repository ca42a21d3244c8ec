import WeirMetrics
import WeirWire

@testable import WeirConfiguration

// What a value of each flag sets.
extension InvocationTests {
  static let settings: [Setting] = [
    .init(flag: "statsd.listen-udp", value: "[::]:9125") { $0.statsd.listenUDP = ["[::]:9125"] },
    .init(flag: "statsd.listen-udp", value: "") { $0.statsd.listenUDP = [] },
    .init(flag: "statsd.listen-tcp", value: ":9125") { $0.statsd.listenTCP = [":9125"] },
    .init(flag: "statsd.listen-tcp", value: "") { $0.statsd.listenTCP = [] },
    .init(flag: "statsd.listen-unixgram", value: "/run/weir.sock") {
      $0.statsd.listenUnixgram = ["/run/weir.sock"]
    },
    .init(flag: "statsd.listen-unixgram", value: "") { $0.statsd.listenUnixgram = [] },
    .init(flag: "statsd.listen-unix", value: "a.sock") { $0.statsd.listenUnix = ["a.sock"] },
    .init(flag: "statsd.unixsocket-mode", value: "755") { $0.statsd.unixSocketMode = 0o755 },
    .init(flag: "statsd.unixsocket-mode", value: "0622") { $0.statsd.unixSocketMode = 0o622 },
    .init(flag: "statsd.unixsocket-mode", value: "0") { $0.statsd.unixSocketMode = 0 },
    .init(flag: "limit.tcp-connections", value: "7") { $0.statsd.connectionsMax = 7 },
    .init(flag: "statsd.tcp-idle-timeout", value: "1h") { $0.statsd.idleSeconds = 3_600 },
    .init(flag: "statsd.tcp-idle-timeout", value: "0") { $0.statsd.idleSeconds = 0 },
    .init(flag: "statsd.read-buffer", value: "0") { $0.statsd.readBufferBytes = 0 },
    .init(flag: "statsd.read-buffer", value: "212992") { $0.statsd.readBufferBytes = 212_992 },
    .init(flag: "statsd.read-buffer", value: "64KiB") { $0.statsd.readBufferBytes = 65_536 },
    .init(flag: "statsd.read-buffer", value: "8MiB") { $0.statsd.readBufferBytes = 8_388_608 },
    .init(flag: "statsd.read-buffer", value: "1GiB") { $0.statsd.readBufferBytes = 1 << 30 },
    .init(flag: "statsd.read-buffer", value: "64KB") { $0.statsd.readBufferBytes = 64_000 },
    .init(flag: "statsd.read-buffer", value: "8MB") { $0.statsd.readBufferBytes = 8_000_000 },
    .init(flag: "statsd.read-buffer", value: "1GB") { $0.statsd.readBufferBytes = 1_000_000_000 },
    .init(flag: "statsd.receivers", value: "0") { $0.statsd.receivers = 2 },
    .init(flag: "statsd.receivers", value: "1") { $0.statsd.receivers = 1 },
    .init(flag: "statsd.receivers", value: "64") { $0.statsd.receivers = 64 },
    .init(flag: "statsd.gather", value: "0") { $0.statsd.gatherMilliseconds = 0 },
    .init(flag: "statsd.gather", value: "1s") { $0.statsd.gatherMilliseconds = 1_000 },
    .init(flag: "statsd.names", value: "utf-8") { $0.statsd.names = .utf8 },
    .init(flag: "statsd.names", value: "joined-dashes") { $0.statsd.names = .joinedDashes },
    .init(flag: "statsd.mapping-config", value: "m.yml") { $0.statsd.mappingFile = "m.yml" },
    .init(flag: "statsd.gauge-sign", value: "relative") {
      $0.statsd.lines.gaugeSign = .relative
    },
    .init(flag: "statsd.gauge-sign", value: "absolute") {
      $0.statsd.lines.gaugeSign = .absolute
    },
    .init(flag: "statsd.gauge-sign", value: "[::1]:9125=absolute") {
      $0.statsd.gaugeSigns["[::1]:9125"] = .absolute
    },
    .init(flag: "statsd.valueless-tags", value: "true") { $0.statsd.lines.valuelessTags = .isTrue },
    .init(flag: "statsd.valueless-tags", value: "drop") { $0.statsd.lines.valuelessTags = .drop },
    .init(flag: "statsd.container-id-label", value: "container_id") {
      $0.statsd.lines.containerLabel = "container_id"
    },
    .init(flag: "statsd.container-id-label", value: "") { $0.statsd.lines.containerLabel = nil },
    .init(flag: "observe", value: "summary") { $0.observations.observe = .summary },
    .init(flag: "observe", value: "histogram") { $0.observations.observe = .histogram },
    .init(flag: "histogram.native-factor", value: "1.01") { $0.observations.nativeFactor = 1.01 },
    .init(flag: "histogram.native-factor", value: "65536") {
      $0.observations.nativeFactor = 65_536
    },
    .init(flag: "histogram.native-max-buckets", value: "80") {
      $0.observations.nativeBucketsMax = 80
    },
    .init(flag: "summary.quantiles", value: "0.5") { $0.observations.summary.quantiles = [0.5] },
    .init(flag: "summary.quantiles", value: "1,0,0.999") {
      $0.observations.summary.quantiles = [0, 0.999, 1]
    },
    .init(flag: "summary.max-age", value: "1h") { $0.observations.summary.maxAgeSeconds = 3_600 },
    .init(flag: "summary.max-age", value: "10s1ms") { $0.observations.summary.maxAgeSeconds = 11 },
    .init(flag: "set.window", value: "1h") { $0.sets.windowSeconds = 3_600 },
    .init(flag: "set.window", value: "0") { $0.sets.windowSeconds = 0 },
    .init(flag: "summary.age-buckets", value: "10") { $0.observations.summary.ageBuckets = 10 },
    .init(flag: "limit.series", value: "1") { $0.limits.seriesMax = 1 },
    .init(flag: "limit.series", value: "50000000") { $0.limits.seriesMax = 50_000_000 },
    .init(flag: "limit.series-per-name", value: "20") { $0.limits.seriesPerNameMax = 20 },
    .init(flag: "limit.names", value: "500") { $0.limits.namesMax = 500 },
    .init(flag: "limit.sets", value: "7") { $0.limits.setsMax = 7 },
    .init(flag: "limit.exposed-bytes", value: "64GiB") { $0.limits.exposedBytesMax = 64 << 30 },
    .init(flag: "limit.overflow", value: "series") { $0.limits.overflow = .series },
    .init(flag: "limit.overflow", value: "refuse") { $0.limits.overflow = .refuse },
    .init(flag: "limit.labels-per-series", value: "256") { $0.limits.labelsPerSeriesMax = 256 },
    .init(flag: "limit.name-bytes", value: "200") { $0.limits.nameBytesMax = 200 },
    .init(flag: "limit.label-name-bytes", value: "1KB") { $0.limits.labelNameBytesMax = 1_000 },
    .init(flag: "limit.label-value-bytes", value: "2KiB") { $0.limits.labelValueBytesMax = 2_048 },
    .init(flag: "limit.series-bytes", value: "64KiB") { $0.limits.seriesBytesMax = 65_536 },
    .init(flag: "state.dir", value: "/var/lib/weir") { $0.state.directory = "/var/lib/weir" },
    .init(flag: "forward.address", value: "weir.example:8125") {
      $0.forward.address = "weir.example:8125"
    },
    .init(flag: "forward.url", value: "https://weir.example/api/v1/push") {
      $0.forward.url = ForwardURL("https://weir.example/api/v1/push")
    },
    .init(flag: "series.ttl", value: "1h30m") { options in
      for kind in MetricKind.allCases { options.series.lifetimes[kind] = 5_400 }
    },
    .init(flag: "series.ttl", value: "0") { options in
      for kind in MetricKind.allCases { options.series.lifetimes[kind] = nil }
    },
    .init(flag: "series.ttl", value: "counter=7d") {
      $0.series.lifetimes[.counter] = 604_800
    },
    .init(flag: "series.ttl", value: "gauge=1500ms") {
      $0.series.lifetimes[.gauge] = 2
    },
    .init(flag: "series.ttl", value: "job_*=5m") {
      $0.series.lifetimesByName = [SeriesRules.Rule(NameGlob("job_*"), 300)]
    },
    .init(flag: "histogram.bounds", value: "0.5,1,1e3") {
      $0.observations.bounds = HistogramBounds(upper: [0.5, 1, 1_000])
    },
    .init(flag: "histogram.bounds", value: "llm_*=100,1000") {
      $0.observations.boundsByName = [
        SeriesRules.Rule(NameGlob("llm_*"), HistogramBounds(upper: [100, 1_000]))
      ]
    },
    .init(flag: "observe", value: "llm_*=summary") {
      $0.observations.choicesByName = [SeriesRules.Rule(NameGlob("llm_*"), .observe(.summary))]
    },
    .init(flag: "series.zero-first", value: "1m30s") { $0.series.zeroFirstSeconds = 90 },
    .init(flag: "series.zero-first", value: "1500ms") { $0.series.zeroFirstSeconds = 2 },
    .init(flag: "series.zero-first", value: "0") { $0.series.zeroFirstSeconds = 0 },
    .init(flag: "statsd.allow", value: "10.0.0.0/8") { $0.statsd.allow = ["10.0.0.0/8"] },
    .init(flag: "push.keys-file", value: "a/keys.yml") { $0.push.keysFile = "a/keys.yml" },
    .init(flag: "push.gauge-ttl", value: "15m") { $0.push.limits.gaugeSeconds = 900 },
    .init(flag: "push.gauge-ttl", value: "1001ms") { $0.push.limits.gaugeSeconds = 2 },
    .init(flag: "push.owner-ttl", value: "1d") { $0.push.limits.retireSeconds = 86_400 },
    .init(flag: "limit.push-instances", value: "10") { $0.push.limits.instancesMax = 10 },
    .init(flag: "limit.push-totals", value: "5000") { $0.push.limits.totalsMax = 5_000 },
    .init(flag: "limit.push-totals-per-instance", value: "50") {
      $0.push.limits.totalsPerInstanceMax = 50
    },
    .init(flag: "limit.push-totals-per-forwarder", value: "60") {
      $0.push.limits.totalsPerForwarderMax = 60
    },
    .init(flag: "push.older-instances", value: "count") { $0.push.limits.olderInstances = .count },
    .init(flag: "web.listen-address", value: ":9102") { $0.web.listenAddresses = [":9102"] },
    .init(flag: "web.telemetry-path", value: "/m") { $0.web.telemetryPaths = ["/m"] },
    .init(flag: "web.config.file", value: "a/web.yml") { $0.web.configFile = "a/web.yml" },
    .init(flag: "web.host", value: "weir.example") { $0.web.hosts = ["weir.example"] },
    .init(flag: "web.bounds", value: "short") { $0.web.boundStyle = .short },
    .init(flag: "web.bounds", value: "canonical") { $0.web.boundStyle = .canonical },
    .init(flag: "web.max-connections", value: "7") { $0.web.connectionsMax = 7 },
    .init(flag: "web.max-header-bytes", value: "16KiB") { $0.web.headerBytesMax = 16_384 },
    .init(flag: "web.max-headers", value: "12") { $0.web.headersMax = 12 },
    .init(flag: "web.idle-timeout", value: "5m") { $0.web.idleMilliseconds = 300_000 },
    .init(flag: "web.read-header-timeout", value: "1500ms") {
      $0.web.readHeaderMilliseconds = 1_500
    },
    .init(flag: "log.level", value: "debug") { $0.log.level = .debug },
    .init(flag: "log.level", value: "info") { $0.log.level = .info },
    .init(flag: "log.level", value: "warn") { $0.log.level = .warn },
    .init(flag: "log.level", value: "error") { $0.log.level = .error },
    .init(flag: "log.format", value: "logfmt") { $0.log.format = .logfmt },
    .init(flag: "log.format", value: "json") { $0.log.format = .json },
    .init(flag: "statsd.relay.address", value: "a:1") { $0.relay.addresses = ["a:1"] },
    .init(flag: "statsd.relay.packet-length", value: "8KiB") { $0.relay.packetBytes = 8_192 },
    .init(flag: "pushgateway.ttl", value: "36h") {
      $0.pushgateway.limits.lifetimeSeconds = 129_600
    },
    .init(flag: "pushgateway.ttl", value: "0") { $0.pushgateway.limits.lifetimeSeconds = 0 },
    .init(flag: "limit.pushgateway-groups", value: "7") { $0.pushgateway.limits.groupsMax = 7 },
    .init(flag: "limit.pushgateway-series", value: "8") { $0.pushgateway.limits.seriesMax = 8 },
    .init(flag: "limit.pushgateway-bytes", value: "1MiB") {
      $0.pushgateway.limits.bytesMax = 1_048_576
    },
  ]
}
