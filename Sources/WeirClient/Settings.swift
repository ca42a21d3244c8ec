import WeirWire

/// A configuration that was found right, in the units that are worked with.
struct Settings: Sendable {
  static let flushRange = Duration.milliseconds(10)...Duration.seconds(5)
  static let frameRange = 512...PushFormat.frameBytesMax
  /// A million series of the largest kind would be gigabytes.
  static let seriesRange = 1...1_000_000
  /// A quarter of the least frame is left to the series.
  static let labelBytesMax = 384

  let server: String
  let labels: [PushFrameWriter.Label]
  let instance: String?
  let flushNanoseconds: UInt64
  let frameBytes: Int
  let seriesMax: Int
  let collectsProcessMetrics: Bool
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
    server = configuration.server
    labels = configuration.labels.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    let bytes = labels.reduce(0) { $0 + $1.name.bytes.count + $1.value.bytes.count }
    guard bytes <= Settings.labelBytesMax else {
      throw ConfigurationError(
        description: "labels have \(bytes) bytes, in every frame; let them have 384 at most")
    }
    instance = configuration.instance
    flushNanoseconds = configuration.flushInterval.wholeNanoseconds
    frameBytes = configuration.frameBytesMax
    seriesMax = configuration.seriesMax
    collectsProcessMetrics = configuration.collectsProcessMetrics
    exitNanoseconds = configuration.exitTimeout.wholeNanoseconds
    key = configuration.key
  }

  /// The label of the `process_*` metrics, which is another in the child of a fork.
  func instanceName() -> String { instance ?? ProcessUsage.instanceName() }

  private static func check(server: String) throws(ConfigurationError) {
    let parts = server.split(separator: ":", omittingEmptySubsequences: false)
    let host = server.dropLast((parts.last?.count ?? 0) + 1)
    let isBracketed = host.first == "[" && host.last == "]"
    guard parts.count > 1, !host.isEmpty, parts.count == 2 || isBracketed,
      let port = parts.last.flatMap({ UInt16($0) }), port > 0
    else {
      throw ConfigurationError(
        description:
          "server is \"\(server)\"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"
      )
    }
  }
}

extension Duration {
  /// Nanoseconds; 0 for what is negative, and at most some hundred years.
  var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 1 << 33)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
