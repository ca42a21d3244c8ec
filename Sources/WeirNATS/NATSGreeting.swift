import WeirBytes
import WeirJSON

/// The line with which a NATS server greets: `INFO {"version":"2.15.1",…}`.
struct NATSGreeting: Sendable, Equatable {
  let version: String
  let requiresTLS: Bool
  let offersTLS: Bool
  /// Whether clients need a certificate.
  let asksForCertificate: Bool
  let hasHeaders: Bool
  let messageBytesMax: Int

  /// Nil if it is no such line.
  init?(_ line: String) {
    guard line.hasPrefix("INFO "), let value = JSONValue(Array(line.utf8.dropFirst(5))),
      let version = value["version"].text
    else { return nil }
    self.version = version
    requiresTLS = value["tls_required"].flag ?? false
    offersTLS = requiresTLS || value["tls_available"].flag ?? false
    asksForCertificate = value["tls_verify"].flag ?? false
    hasHeaders = value["headers"].flag ?? false
    messageBytesMax = value["max_payload"].integer ?? 0
  }

  /// Why such a server can't be used, as a sentence; nil if it can.
  func fault(of server: NATSServer, hasCertificate: Bool) -> String? {
    let least = NATSSettings.versionMin
    guard let number = NATSVersion(version), number >= least, hasHeaders else {
      return "The NATS server \(server.shown) has version \(ShownText.of(version)); install"
        + " nats-server \(least) or newer."
    }
    if requiresTLS, !server.isTLS {
      return "The NATS server \(server.shown) requires TLS; write tls:// in place of nats:// in"
        + " its URL."
    }
    if !offersTLS, server.isTLS {
      return "The NATS server \(server.shown) has no TLS; set it up there, or write nats:// in"
        + " its URL."
    }
    if asksForCertificate, server.isTLS, !hasCertificate {
      return
        "The NATS server \(server.shown) asks for a client's certificate; name one, and its key."
    }
    let wanted = NATSSettings.messageBytesMax
    guard messageBytesMax >= wanted else {
      return "The NATS server \(server.shown) takes messages of at most \(messageBytesMax) bytes;"
        + " set max_payload to at least \(wanted) there."
    }
    return nil
  }
}
