import WeirConfiguration
import WeirWire

extension StatsDOptions {
  /// What the flags say of lines that come to a listener.
  ///
  /// - Parameter listener: Its address as written.
  init(_ options: Options.StatsD, listener: String) {
    var styles: TagStyles = []
    if options.parsesDogStatsDTags { styles.insert(.dogStatsD) }
    if options.parsesInfluxDBTags { styles.insert(.influxDB) }
    if options.parsesLibratoTags { styles.insert(.librato) }
    if options.parsesSignalFxTags { styles.insert(.signalFx) }
    if options.parsesGraphiteTags { styles.insert(.graphite) }
    let sign = options.gaugeSigns.sign(of: listener)
    self.init(tagStyles: styles, gaugeSign: sign == .relative ? .relative : .absolute)
    valuelessTags = options.valuelessTags == .isTrue ? .isTrue : .drop
    containerLabel = options.containerIDLabel
  }

  /// - Throws: `StartError`, where a sign is given for an address that nobody listens on.
  static func check(_ options: Options.StatsD) throws(StartError) {
    for address in options.gaugeSigns.listeners where !options.listenUDP.contains(address) {
      throw StartError(
        description: "--statsd.gauge-sign: \"\(address)\" is no address of --statsd.listen-udp; "
          + "write it as there, or leave it out to mean all of them")
    }
  }
}
