import WeirAggregation
import WeirConfiguration
import WeirHTTP

/// The files that are reloaded while Weir runs.
struct ReloadedFiles: Sendable {
  /// Nil without a web configuration file.
  let web: WebFile?
  /// Nil without a file of keys.
  let keys: KeysFile?
  /// Nil without mapping rules.
  let mapping: MappingConfig?

  /// Loads the files that the options name.
  ///
  /// - Parameter mapping: The mapping rules, which are loaded already.
  init(
    _ options: Options, mapping: MappingStart?, aggregator: Aggregator, security: HTTPSecurity,
    keyring: PushKeyring, log: Log
  ) throws(StartError) {
    web = try options.web.configFile.map { file throws(StartError) in
      try startStep { () throws(FileMistake) in try WebFile(file, security: security, log: log) }
    }
    keys = try options.push.keysFile.map { file throws(StartError) in
      try startStep { () throws(FileMistake) in try KeysFile(file, keyring: keyring, log: log) }
    }
    self.mapping = mapping.map { MappingConfig($0, aggregator: aggregator, log: log) }
  }

  var items: [Reloads.Item] {
    [web?.reloaded, keys?.reloaded, mapping?.reloaded].compactMap { $0?.item }
  }
}
