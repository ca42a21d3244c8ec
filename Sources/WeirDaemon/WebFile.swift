import WeirConfiguration
import WeirHTTP

/// The web configuration file in force, which is read anew when it or a certificate changes.
actor WebFile {
  private let file: String
  private let security: HTTPSecurity
  private let log: Log
  private var watched: [String: FileStamp]
  private var isBroken = false
  private var warnings: [String]
  nonisolated let status: ReloadStatus

  /// Puts the file in force, or ends the start with its first mistake.
  init(_ file: String, security: HTTPSecurity, log: Log) throws(FileMistake) {
    self.file = file
    self.security = security
    self.log = log
    let before = FileStamp.of([file])
    guard let setup = try WebSetup.load(file) else {
      preconditionFailure("a file that is named is loaded")
    }
    security.use(HTTPSecurity.Settings(setup))
    watched = FileStamp.of(setup.config.files).merging(before) { $1 }
    warnings = setup.config.warnings
    status = ReloadStatus(at: Log.wallSeconds())
    for warning in warnings { log.warn("web configuration", ["warning": .text(warning)]) }
  }

  nonisolated var item: Reloads.Item {
    Reloads.Item(
      name: "web configuration", reload: { try await self.reload() },
      reloadIfChanged: { try await self.reloadIfChanged() })
  }

  private func reloadIfChanged() throws {
    guard isBroken || FileStamp.of(Array(watched.keys)) != watched else { return }
    try reload()
    log.info("the web configuration has changed and is in force", ["file": .text(file)])
  }

  private func reload() throws {
    // Stamped before it is read, so that what changes meanwhile is read again.
    let before = FileStamp.of(Array(watched.keys))
    do throws(FileMistake) {
      guard let setup = try WebSetup.load(file) else { return }
      security.use(HTTPSecurity.Settings(setup))
      watched = FileStamp.of(setup.config.files)
      for (path, stamp) in before where watched[path] != nil { watched[path] = stamp }
      let fresh = setup.config.warnings
      for warning in fresh where !warnings.contains(warning) {
        log.warn("web configuration", ["warning": .text(warning)])
      }
      warnings = fresh
      isBroken = false
      status.succeeded(at: Log.wallSeconds())
    } catch {
      isBroken = true
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
  }
}
