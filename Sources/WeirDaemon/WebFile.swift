import WeirConfiguration
import WeirHTTP
import WeirSecurity

/// The web configuration file, which is reloaded when it or a certificate changes.
actor WebFile {
  private let file: String
  private let security: HTTPSecurity
  private let log: Log
  private var watch: FileWatch
  /// The protection that a reload must not remove.
  private var protection: WebConfig.Protection
  private var warnings: [String]
  nonisolated let status: ReloadStatus

  /// Loads the file; a mistake in it ends the start.
  init(_ file: String, security: HTTPSecurity, log: Log) throws(FileMistake) {
    self.file = file
    self.security = security
    self.log = log
    let before = FileStamp.of([file])
    let setup = try WebSetup.load(file)
    security.use(HTTPSecurity.Settings(setup))
    watch = FileWatch(FileStamp.of(setup.config.files).merging(before) { $1 })
    protection = setup.config.protection
    warnings = setup.config.warnings
    status = ReloadStatus(at: Log.wallSeconds(), certificateEnd: setup.tls?.notAfter)
    for warning in warnings { log.warn("web configuration", ["warning": .text(warning)]) }
  }

  nonisolated var item: Reloads.Item {
    Reloads.Item(
      name: "web configuration", reload: { try await self.reload() },
      reloadIfChanged: { try await self.reloadIfChanged() })
  }

  private func reloadIfChanged() throws {
    guard watch.isDue(FileStamp.of(watch.paths)) else { return }
    try reload()
    log.info("reloaded the web configuration because the file changed", ["file": .text(file)])
  }

  private func reload() throws {
    // The stamps are taken before the read, so a change during the read causes another reload.
    let before = FileStamp.of(watch.paths)
    do throws(FileMistake) {
      let setup = try WebSetup.load(file)
      try setup.config.checkKeeps(protection)
      security.use(HTTPSecurity.Settings(setup))
      protection = setup.config.protection
      let stamps = FileStamp.of(setup.config.files)
      watch.succeeded(stamps.merging(before.filter { stamps[$0.key] != nil }) { $1 })
      let fresh = setup.config.warnings
      for warning in fresh where !warnings.contains(warning) {
        log.warn("web configuration", ["warning": .text(warning)])
      }
      warnings = fresh
      status.succeeded(at: Log.wallSeconds(), certificateEnd: setup.tls?.notAfter)
    } catch {
      watch.failed()
      status.failed()
      throw error
    }
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
