import WeirBytes
import WeirConfiguration
import WeirHTTP
import WeirSecurity

/// The web configuration file, which is reloaded when it or a certificate changes.
struct WebFile: Sendable {
  /// What the next load is compared with.
  private struct Former: Sendable {
    /// The protection that a reload must not remove.
    var protection: WebConfig.Protection
    var warnings: [String]
  }

  let reloaded: ReloadedFile

  /// Loads the file; a mistake in it ends the start.
  init(_ file: String, security: HTTPSecurity, log: Log) throws(FileMistake) {
    let stamps = FileStamp.of([file])
    let setup = try WebSetup.load(file)
    security.use(HTTPSecurity.Settings(setup))
    WebFile.log(setup.config.warnings, log)
    let former = Locked(
      Former(protection: setup.config.protection, warnings: setup.config.warnings))
    reloaded = ReloadedFile(
      "web configuration", file, stamps: stamps, first: WebFile.loaded(setup), log: log
    ) { () throws(FileMistake) in
      let setup = try WebSetup.load(file)
      let before = former.withLock { $0 }
      try setup.config.checkKeeps(before.protection)
      security.use(HTTPSecurity.Settings(setup))
      WebFile.log(setup.config.warnings.filter { !before.warnings.contains($0) }, log)
      former.withLock {
        $0 = Former(protection: setup.config.protection, warnings: setup.config.warnings)
      }
      return WebFile.loaded(setup)
    }
  }

  private static func loaded(_ setup: WebSetup) -> ReloadedFile.Loaded {
    ReloadedFile.Loaded(paths: setup.config.files, certificateEnd: setup.tls?.notAfter)
  }

  private static func log(_ warnings: [String], _ log: Log) {
    for warning in warnings { log.warn("web configuration", ["warning": .text(warning)]) }
  }
}

extension HTTPSecurity.Settings {
  fileprivate init(_ setup: WebSetup) {
    self.init()
    tls = setup.tls
    users = Dictionary(uniqueKeysWithValues: setup.config.users.map { ($0.name, $0.hash) })
    headers = setup.config.headers.map { ($0.name, $0.value) }
    rate = setup.config.rateLimit.map {
      RequestRate(intervalNanoseconds: $0.intervalNanoseconds, burst: $0.burst)
    }
  }
}
