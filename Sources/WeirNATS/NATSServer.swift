import WeirBytes
import WeirCluster

/// A server, as its URL names it: `nats://user:password@host:port`, `tls://host`, `nats://token@host`.
package struct NATSServer: Sendable, Equatable {
  package let host: String
  package let port: UInt16
  package let isTLS: Bool
  let user: String?
  let password: String?
  let token: String?

  package static let usualPort: UInt16 = 4222

  /// - Throws: `.unusable` with a sentence that does not repeat a password.
  package init(_ url: String) throws(LogFailure) {
    let rest: Substring
    if url.hasPrefix("nats://") {
      (isTLS, rest) = (false, url.dropFirst(7))
    } else if url.hasPrefix("tls://") {
      (isTLS, rest) = (true, url.dropFirst(6))
    } else {
      throw .unusable("A URL of a NATS server begins with nats:// or tls://, as nats://host:4222.")
    }
    var address = rest
    var parts: [Substring] = []
    if let at = rest.lastIndex(of: "@") {
      address = rest[rest.index(after: at)...]
      parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    }
    if address.hasSuffix("/") { address = address.dropLast() }
    (host, port) = try NATSServer.divided(address)
    let texts = parts.map { NATSServer.decoded($0) }
    guard texts.allSatisfy({ $0 != nil && $0 != "" }) else {
      throw .unusable(
        "The user or the password in the URL of \(host) is empty, or a % in it is not followed"
          + " by two hexadecimal digits.")
    }
    user = texts.count == 2 ? texts[0] : nil
    password = texts.count == 2 ? texts[1] : nil
    token = texts.count == 1 ? texts[0] : nil
  }

  /// For people: without a user, a password and a token.
  package var shown: String {
    "\(isTLS ? "tls" : "nats")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  private static func divided(_ address: Substring) throws(LogFailure) -> (String, UInt16) {
    var host = address
    var port: Substring?
    if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
      host = address[address.index(after: address.startIndex)..<end]
      let rest = address[address.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw wrong(address) }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = address.lastIndex(of: ":") {
      host = address[..<colon]
      port = address[address.index(after: colon)...]
      if host.contains(":") { throw wrong(address) }
    }
    let isHost = host.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7f && !"/?#@[]\\\"".utf8.contains(byte)
    }
    let number = port.map { UInt16($0) } ?? usualPort
    guard !host.isEmpty, isHost, let number, number > 0 else { throw wrong(address) }
    return (String(host), number)
  }

  private static func wrong(_ address: Substring) -> LogFailure {
    // Without the @ that ends a password, a part of it would be shown.
    .unusable(
      "The address of a NATS server is wrong; write host:port, as in nats://nats-1.example:4222 or"
        + " nats://user:password@nats-1.example:4222.")
  }

  /// A part of a URL without its `%40`; nil if it is malformed.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      let areDigits = digits.utf8.count == 2 && digits.allSatisfy(\.isHexDigit)
      guard areDigits, let value = UInt8(digits, radix: 16), value != 0 else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
