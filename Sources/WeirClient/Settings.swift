import WeirPush
import WeirSockets

/// A checked configuration, in the units used internally.
struct Settings: Sendable {
  static let flushRange = Duration.milliseconds(10)...Duration.seconds(5)
  static let frameRange = 512...PushFormat.frameBytesMax
  /// A million histograms would need gigabytes.
  static let seriesRange = 1...1_000_000
  /// Leaves a quarter of the smallest frame for the series.
  static let labelBytesMax = 384

  let server: String
  let labels: [PushFrameWriter.Label]
  let instance: String?
  let flushNanoseconds: UInt64
  let frameBytes: Int
  let seriesMax: Int
  let collectsProcessMetrics: Bool
  let perProcessCPU: Bool
  let signals: Set<Configuration.Signal>
  let exitNanoseconds: UInt64
  let key: SigningKey?

  init(_ configuration: Configuration) throws(ConfigurationError) {
    try Settings.check(server: configuration.server)
    guard Settings.flushRange.contains(configuration.flushInterval) else {
      throw ConfigurationError(
        description: "flushInterval is \(configuration.flushInterval); choose 10 ms to 5 s")
    }
    guard Settings.frameRange.contains(configuration.frameBytesMax) else {
      throw ConfigurationError(
        description: "frameBytesMax is \(configuration.frameBytesMax); choose 512 to 65507")
    }
    guard Settings.seriesRange.contains(configuration.seriesMax) else {
      throw ConfigurationError(
        description: "seriesMax is \(configuration.seriesMax); choose 1 to 1000000")
    }
    for label in configuration.labels.keys.sorted() {
      guard let fault = Names.fault(label: label) else { continue }
      throw ConfigurationError(
        description: "\"\(label)\" is not a valid label name, in labels; \(fault)")
    }
    server = configuration.server
    labels = configuration.labels.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    let bytes = labels.reduce(0) { $0 + $1.name.bytes.count + $1.value.bytes.count }
    guard bytes <= Settings.labelBytesMax else {
      throw ConfigurationError(
        description: "labels have \(bytes) bytes, which are in every frame; use at most 384")
    }
    instance = configuration.instance
    flushNanoseconds = configuration.flushInterval.wholeNanoseconds
    frameBytes = configuration.frameBytesMax
    seriesMax = configuration.seriesMax
    collectsProcessMetrics = configuration.collectsProcessMetrics
    perProcessCPU = configuration.perProcessCPU
    signals = configuration.signals
    exitNanoseconds = configuration.exitTimeout.wholeNanoseconds
    key = configuration.key
  }

  /// The label of the `process_*` metrics. The default is different in the child process of a fork.
  func instanceName() -> String { instance ?? ProcessUsage.instanceName() }

  /// Checks the form of an address. A name is not resolved, because that may take long.
  private static func check(server: String) throws(ConfigurationError) {
    let remedy = "write host:port, such as 127.0.0.1:8125 or [::1]:8125"
    guard let colon = server.lastIndex(of: ":") else {
      throw ConfigurationError(description: "server is \"\(server)\"; \(remedy)")
    }
    let host = server[..<colon]
    let digits = server[server.index(after: colon)...].utf8
    let isBracketed = host.first == "[" && host.last == "]"
    let isPlain =
      host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && !host.contains { "[]".contains($0) }
    guard isBracketed || isPlain, !host.isEmpty, isBracketed || !host.contains(":") else {
      throw ConfigurationError(description: "server is \"\(server)\"; \(remedy)")
    }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(String(digits) ?? ""), port > 0
    else {
      throw ConfigurationError(
        description: "server is \"\(server)\", whose port is not a number from 1 to 65535; "
          + remedy)
    }
    // An address in brackets is parsed without a resolver.
    if isBracketed, (try? ListenAddress.resolve(server)) == nil {
      throw ConfigurationError(
        description: "server is \"\(server)\", which has no valid IPv6 address in brackets; "
          + remedy
      )
    }
  }
}

extension Duration {
  /// Nanoseconds; 0 for a negative duration, limited to about 270 years.
  var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 1 << 33)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
