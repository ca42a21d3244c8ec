import WeirConfiguration
import WeirSockets
import WeirWire

/// `weir check-config`: everything that a start checks, but for what listening finds out.
package enum ConfigCheck {
  /// Checks the options, the files that they name, and `files` as web configuration files.
  ///
  /// - Returns: One line for each that is fine, the warnings among them.
  /// - Throws: `FileMistake` or `StartError`, for the first mistake.
  package static func run(_ options: Options, files: [String]) throws -> [String] {
    _ = try Daemon.plan(options.statsd.listenUDP, flag: "--statsd.listen-udp")
    _ = try Daemon.plan(options.web.listenAddresses, flag: "--web.listen-address")
    _ = try Admission.of(
      listeners: options.statsd.listenUDP, allow: options.statsd.allow,
      takesText: options.statsd.takesText)
    try StatsDOptions.check(options.statsd)
    var lines = ["the flags are fine"]
    for file in [options.web.configFile].compactMap({ $0 }) + files {
      let setup = try WebSetup.load(file)
      lines += setup.config.warnings
      let scheme = setup.tls == nil ? "plain HTTP" : "TLS"
      let users = setup.config.users.count
      lines.append(
        "\(file): is fine: \(scheme), \(users == 0 ? "no" : "\(users)") "
          + "\(users == 1 ? "user" : "users")")
    }
    if let file = options.push.keysFile {
      let keys = try PushKeysFile.load(file)
      lines += keys.warnings
      lines.append("\(file): is fine: \(keys.keys.count) \(keys.keys.count == 1 ? "key" : "keys")")
    }
    return lines
  }
}
