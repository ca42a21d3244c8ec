/// `host:port`, with an IPv6 address in brackets.
package struct Endpoint: Equatable, Sendable, CustomStringConvertible {
  let host: String
  let port: UInt16

  /// Throws `UsageError` where there is no port from 1 to 65535.
  package init(_ text: some StringProtocol) throws(UsageError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      port > 0, colon > text.startIndex
    else {
      throw UsageError(sentence: "\(text) is not host:port; write, say, 127.0.0.1:8125.")
    }
    let host = text[..<colon]
    let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard bracketed || !host.contains(":") else {
      throw UsageError(sentence: "\(text) is not host:port; write IPv6 in brackets, [::1]:8125.")
    }
    self.host = String(bracketed ? host.dropFirst().dropLast() : host)
    self.port = port
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
