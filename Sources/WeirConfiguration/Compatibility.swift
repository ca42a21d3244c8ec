import WeirMetrics
import WeirWire

/// A program whose place Weir takes, with its defaults: `--compat`.
package enum Compatibility: String, CaseIterable, Sendable {
  /// statsd_exporter 0.28 to 0.30.
  case statsdExporter = "statsd_exporter"
}

extension Options {
  /// The options of a command line without flags but `--compat` and `--statsd.mapping-config`.
  ///
  /// Each of these defaults has a flag of its own, which wins.
  ///
  /// - Parameter hasMapping: Whether there is a mapping file.
  init(cores: Int, compatibleWith program: Compatibility?, hasMapping: Bool) {
    self.init(cores: cores)
    compatibility = program
    guard program == .statsdExporter else { return }
    statsd.listenUDP = [":9125"]
    statsd.listenTCP = [":9125"]
    web.listenAddresses = [":9102"]
    observations.observe = .summary
    observations.bounds = HistogramBounds(
      upper: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    if hasMapping {
      observations.native = .both
      observations.nativeBucketsMax = 256
    }
    statsd.names = .joinedDashes
    statsd.lines.containerLabel = "container_id"
    statsd.lines.tagStyles.remove(.graphite)
    statsd.lines.keepsUnclosedBrackets = true
    web.boundStyle = .short
    web.offersOpenMetrics = false
    web.showsExporterMetrics = true
  }
}

extension Compatibility {
  /// The program that a command line names; nil for none. A wrong name is found when the flag itself is read.
  static func named(in arguments: [String]) -> Compatibility? {
    value(of: "--compat", in: arguments).flatMap(Compatibility.init(rawValue:))
  }

  /// Whether a command line names a mapping file.
  static func hasMapping(in arguments: [String]) -> Bool {
    value(of: "--statsd.mapping-config", in: arguments).map { !$0.isEmpty } ?? false
  }

  /// The value of a flag that is looked for before all others are read, because their defaults depend on it.
  private static func value(of flag: String, in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == flag, index + 1 < arguments.count { return arguments[index + 1] }
      if argument.hasPrefix(flag + "=") { return String(argument.dropFirst(flag.count + 1)) }
    }
    return nil
  }
}
