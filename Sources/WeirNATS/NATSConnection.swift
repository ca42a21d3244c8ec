import Dispatch
import WeirBytes
import WeirCluster

/// Keeps a connection to one of the servers: when it is lost, it tries all servers in random order, every 250 to
/// 500 ms, and never gives up.
///
/// A thread of its own does this, until `close`. Its users take `link`, and see that it has changed. Nothing is kept
/// to be sent later.
package final class NATSConnection: Sendable {
  struct State {
    var link: NATSLink?
    var connection: LogConnection
    var isClosed = false
    /// Servers to which an attempt still runs, although nobody waits for it any more.
    var attempts: Set<Int> = []
    /// Whether each server has a fault that waiting does not mend.
    var isHopeless = false
  }

  /// Why there is no connection to a server.
  struct Fault: Error {
    let text: String
    /// Whether it stays so until somebody changes something.
    let isLasting: Bool
  }

  package let settings: NATSSettings
  private let state = Locked(
    State(
      connection: LogConnection(isConnected: false, fault: "No NATS server was asked so far.")))
  private let keeper = DispatchQueue(label: "weir.nats.keeper")
  private let ended = DispatchSemaphore(value: 0)

  private static let greetingMilliseconds = 2_000
  /// Longer than the time limits within. libnats has none for a handshake of TLS.
  private static let attemptMilliseconds = 10_000

  /// Opens libnats and begins to connect.
  package init(_ settings: NATSSettings) throws(LogFailure) {
    try NATSLink.open()
    let files = [
      ("credentials", settings.credentialsFile), ("tls-ca-file", settings.caFile),
      ("tls-cert-file", settings.certificateFile), ("tls-key-file", settings.keyFile),
    ]
    for case (let flag, let file?) in files {
      if let fault = NATSLink.fault(ofFile: file) {
        throw .unusable(
          "--cluster.\(flag): the file \(ShownText.of(file)) can't be read: \(fault).")
      }
    }
    self.settings = settings
    keeper.async { [self] in keep() }
  }

  package var connection: LogConnection {
    var (connection, link) = state.withLock { ($0.connection, $0.link) }
    if let link, let denied = JetStream.denied(link, to: settings.subject) {
      connection.fault = denied
    }
    return connection
  }

  /// Nil while there is no connection.
  var link: NATSLink? { state.withLock { $0.link } }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// - Throws: `.disconnected` or `.closed`.
  func currentLink() throws(LogFailure) -> NATSLink {
    try state.withLock { state throws(LogFailure) in
      if state.isClosed { throw .closed }
      guard let link = state.link else { throw .disconnected(state.connection.fault ?? "") }
      return link
    }
  }

  /// The failure of a call that found the connection lost.
  func lost() -> LogFailure {
    let (fault, isClosed) = state.withLock { ($0.connection.fault, $0.isClosed) }
    return isClosed
      ? .closed : .disconnected(fault ?? "The connection to the NATS server was lost.")
  }

  /// Waits for a connection.
  ///
  /// - Throws: `.unusable` as soon as every server has a fault that waiting does not mend, `.disconnected` after the
  ///   time, `.closed`.
  package func waitUntilConnected(milliseconds: Int) throws(LogFailure) {
    let clock = Deadline(milliseconds: milliseconds)
    while true {
      let (isConnected, isHopeless, isClosed, fault) = state.withLock {
        ($0.link != nil, $0.isHopeless, $0.isClosed, $0.connection.fault)
      }
      if isConnected { return }
      if isClosed { throw .closed }
      if isHopeless { throw .unusable(fault ?? "") }
      if clock.isOver { throw .disconnected(fault ?? "") }
      Deadline.pause(milliseconds: 10)
    }
  }

  /// Ends the connection for good. Calls that wait return.
  package func close() {
    let link = state.withLock { state -> NATSLink? in
      guard !state.isClosed else { return nil }
      state.isClosed = true
      state.connection.isConnected = false
      state.connection.fault = "The connection was closed."
      defer { state.link = nil }
      return state.link
    }
    // What was published goes out first.
    try? link?.flush(milliseconds: 500)
    link?.close()
    ended.signal()
  }

  // The keeper's thread.

  private func keep() {
    while !isClosed {
      if let link = connect() { stay(link) }
      if isClosed { return }
      _ = ended.wait(timeout: .now() + .milliseconds(Int.random(in: 250...500)))
    }
  }

  /// One round over all servers; nil if none can be used.
  private func connect() -> NATSLink? {
    var areLasting = true
    for index in settings.servers.indices.shuffled() where !isClosed {
      guard state.withLock({ $0.attempts.insert(index).inserted }) else {
        areLasting = false
        continue
      }
      do {
        let (link, greeting) = try attempt(index)
        if begin(link, to: settings.servers[index], greeting) { return link }
        return nil
      } catch {
        areLasting = areLasting && error.isLasting
        state.withLock { state in
          if !state.isClosed { state.connection.fault = error.text }
        }
      }
    }
    state.withLock { $0.isHopeless = areLasting }
    return nil
  }

  /// False if it was closed in the meantime.
  private func begin(_ link: NATSLink, to server: NATSServer, _ greeting: NATSGreeting) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      if state.connection.server != nil { state.connection.reconnects += 1 }
      state.link = link
      state.isHopeless = false
      state.connection.isConnected = true
      state.connection.server = server.shown
      state.connection.version = greeting.version
      state.connection.fault = nil
      return true
    }
  }

  /// Waits until the connection is lost: a subscription to which nothing is sent ends with it.
  private func stay(_ link: NATSLink) {
    do throws(NATSFault) {
      let quiet = try link.subscribe(NATSInbox.new(), messagesMax: 16, bytesMax: 1 << 16)
      while try quiet.next(milliseconds: 60_000) != nil || !isClosed {}
    } catch {}
    link.close()
    state.withLock { state in
      guard state.link === link else { return }
      state.link = nil
      guard !state.isClosed else { return }
      state.connection.isConnected = false
      let reason = link.lastError.map { " The server said: \(ShownText.of($0))." } ?? ""
      state.connection.fault =
        "The connection to the NATS server \(state.connection.server ?? "") was lost.\(reason)"
    }
  }

  /// Tries one server on a thread of its own, because a server that hangs in the middle of a handshake holds it.
  private func attempt(_ index: Int) throws(Fault) -> (NATSLink, NATSGreeting) {
    let server = settings.servers[index]
    let attempt = Attempt()
    DispatchQueue(label: "weir.nats.attempt").async { [self] in
      let result = Result { () throws(Fault) in try connect(to: server) }
      attempt.result.withLock { $0 = result }
      state.withLock { _ = $0.attempts.remove(index) }
      attempt.isOver.signal()
    }
    let limit = DispatchTime.now() + .milliseconds(NATSConnection.attemptMilliseconds)
    guard attempt.isOver.wait(timeout: limit) == .success,
      let result = attempt.result.withLock({ $0.take() })
    else {
      throw Fault(text: "The NATS server \(server.shown) does not answer.", isLasting: false)
    }
    return try result.get()
  }

  /// What an attempt's thread hands over.
  private final class Attempt: Sendable {
    let result = Locked<Result<(NATSLink, NATSGreeting), Fault>?>(nil)
    let isOver = DispatchSemaphore(value: 0)
  }

  private func connect(to server: NATSServer) throws(Fault) -> (NATSLink, NATSGreeting) {
    let line: String
    switch NATSLink.greeting(
      host: server.host, port: server.port, milliseconds: NATSConnection.greetingMilliseconds)
    {
    case .success(let text): line = text
    case .failure(let refusal):
      throw Fault(
        text: "The NATS server \(server.shown) can't be reached: \(refusal.text).",
        isLasting: false)
    }
    guard let greeting = NATSGreeting(line) else {
      throw Fault(
        text: "\(server.shown) does not greet as a NATS server does; check the address.",
        isLasting: true)
    }
    if let fault = greeting.fault(of: server, hasCertificate: settings.certificateFile != nil) {
      throw Fault(text: fault, isLasting: true)
    }
    do {
      return (try NATSLink(settings.link(to: server)), greeting)
    } catch {
      throw fault(of: server, error.text)
    }
  }

  /// libnats' reason as a sentence.
  private func fault(of server: NATSServer, _ reason: String) -> Fault {
    // Without the line of libnats' source that it begins with.
    let hasPlace = reason.hasPrefix("(") && reason.contains("): ")
    let text = hasPlace ? reason.split(separator: "): ", maxSplits: 1).last ?? "" : reason[...]
    let shown = ShownText.of(text.utf8)
    let lower = shown.lowercased()
    if lower.contains("authorization violation") || lower.contains("authentication") {
      return Fault(
        text: "The NATS server \(server.shown) refuses the user, the password, the token or the"
          + " credentials (\(shown)).", isLasting: true)
    }
    let isOfCredentials = ["checksum", "seed", "nkey", "jwt", "encod", "credential"].contains {
      lower.contains($0)
    }
    if let file = settings.credentialsFile, isOfCredentials {
      return Fault(
        text: "The credentials file \(ShownText.of(file)) can't be used (\(shown)).",
        isLasting: true)
    }
    if lower.contains("ssl") || lower.contains("certificate") {
      return Fault(
        text: "There is no TLS connection to the NATS server \(server.shown) (\(shown)); check"
          + " its certificate, the CA file, and the client's certificate.", isLasting: true)
    }
    return Fault(
      text: "There is no connection to the NATS server \(server.shown) (\(shown)).",
      isLasting: false)
  }
}
