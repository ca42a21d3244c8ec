import WeirBytes
import WeirConfiguration
import WeirMapping
import WeirSockets

extension Subcommand {
  /// `weir check-config`
  static let checkConfig = Subcommand(
    name: "check-config", arguments: "[<flags>] [<web configuration file> ...]",
    summary: "Checks flags and files like a start, reports the first mistake, and serves nothing.",
    details: """
      Checks the flags, the files that they name, and further web configuration files, like a start
      of weir does, but without listening. The flags are those of weir: see weir --help.

      The exit status is 0 if everything is in order, 1 after a mistake in a file or an address, and
      2 after a mistake in the flags. The first mistake is reported on standard error.

      """,
    read: daemonFlags(operandsMax: ConfigCheck.filesMax) { options, files in
      for line in try ConfigCheck.run(options, files: files) { print(line) }
    })
}

/// `weir check-config`: everything that a start checks, except what listening finds out.
enum ConfigCheck {
  /// Files that one call checks.
  static let filesMax = 100

  /// Checks the options, the files that they name, and `files` as web configuration files.
  ///
  /// - Returns: One line for each file that is in order, and the warnings.
  /// - Throws: `FileMistake` or `StartError`: the first mistake.
  static func run(_ options: Options, files: [String]) throws -> [String] {
    let plan = try InputPlan(options.statsd, compatibleWith: options.compatibility)
    _ = try ListenPlan(options.web.listenAddresses, flag: "--web.listen-address")
    var lines = ["the flags are fine"]
    for file in [options.web.configFile].compactMap({ $0 }) + files {
      let setup = try WebSetup.load(file)
      lines += setup.config.warnings
      let scheme = setup.tls == nil ? "plain HTTP" : "TLS"
      let users = setup.config.users.count
      lines.append(
        "\(file): is fine: \(scheme), \(users == 0 ? "no users" : CountText.counted(users, "user"))"
      )
    }
    if let file = options.statsd.mappingFile {
      let mapping = try MappingFile.load(file)
      try mapping.check(options, file: file)
      lines += mapping.warnings
      let count = CountText.counted(mapping.rules.rules.count, "mapping rule")
      lines.append("\(file): is fine: \(count)")
    }
    if let file = options.push.keysFile {
      let keys = try PushKeysFile.load(file)
      lines += keys.warnings
      let forwarders = keys.keys.count { $0.mayForward }
      lines.append(
        "\(file): is fine: \(CountText.counted(keys.keys.count, "key"))"
          + (forwarders == 0 ? "" : ", \(forwarders) for forwarders"))
    }
    if let address = options.forward.address {
      try Forwarding.check(address, plan.udp.addresses)
    }
    let receiving =
      plan.udp.addresses.map { SocketName.address($0) }
      + plan.unixgram.map { SocketName.path($0.text) }
    try LineRelay.check(options.relay, listeners: receiving)
    if options.cloudWatch.namespace != nil {
      let target = try CloudWatch.target(options.cloudWatch, environment: AWSEnvironment.read())
      if let warning = target.warning { lines.append(warning) }
    }
    if options.forward.url != nil { try ForwardFiles.checkLibrary() }
    let forward = try ForwardFiles(options.forward)
    lines += forward.warnings
    if let file = options.forward.keyFile, let key = forward.key {
      lines.append(
        "\(file): is fine: \(String(decoding: key.id, as: UTF8.self)) signs what is forwarded")
    }
    if let file = options.forward.caFile { lines.append("\(file): is fine: has certificates") }
    if let directory = options.state.directory {
      try StateDirectoryCheck.run(directory)
      lines.append("\(directory): is fine: files can be written to it")
    }
    return lines
  }
}
