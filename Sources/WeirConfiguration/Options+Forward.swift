extension Options {
  /// Whether and how this Weir pushes what it counts to another: `--forward.*`.
  package struct Forward: Sendable, Equatable {
    /// Where frames are sent.
    package enum Target: Sendable, Equatable {
      /// `--forward.address`: by UDP, to the host and port as written.
      case address(String)
      /// `--forward.url`: by HTTP or HTTPS.
      case url(ForwardURL)
    }

    package var address: String?
    package var url: ForwardURL?
    package var keyFile: String?
    package var caFile: String?
    package var labels: [ForwardLabelOption] = []
    /// Whether `/metrics` shows the series that are forwarded, too.
    package var exposes = false

    /// Nil where nothing is forwarded.
    package var target: Target? {
      address.map { .address($0) } ?? url.map { .url($0) }
    }
  }
}

/// A label of `--forward.labels`.
package struct ForwardLabelOption: Sendable, Equatable {
  package let name: String
  package let value: String
}

/// `--forward.url`. Its user, password and query are never shown.
package struct ForwardURL: Sendable, Equatable, CustomStringConvertible {
  /// Without user, password and query: for logs.
  package let text: String
  /// Without user and password: for requests.
  package let requestText: String
  /// `user:password`, decoded; nil for none.
  package let credentials: String?
  package let isSecure: Bool
  /// Whether there is a path other than `/`.
  let hasPath: Bool

  package var description: String { text }

  /// Nil if it is not a URL of HTTP or HTTPS with a host, and a port that there is if one is given.
  package init?(_ url: String) {
    let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    switch parts[0].lowercased() {
    case "http": isSecure = false
    case "https": isSecure = true
    default: return nil
    }
    let rest = parts[1]
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    guard !rest[end...].contains("#") else { return nil }
    var host = authority
    if let at = authority.lastIndex(of: "@") {
      host = authority[authority.index(after: at)...]
      guard let decoded = ForwardURL.decoded(authority[..<at]) else { return nil }
      credentials = decoded
    } else {
      credentials = nil
    }
    guard !host.isEmpty, host.first != ":" else { return nil }
    // In an address in brackets colons are no port.
    if let colon = host.lastIndex(of: ":"), colon > host.lastIndex(of: "]") ?? host.startIndex {
      guard let port = UInt16(host[host.index(after: colon)...]), port > 0 else { return nil }
    }
    hasPath = rest[end...].prefix { $0 != "?" }.count > 1
    requestText = "\(isSecure ? "https" : "http")://\(host)\(rest[end...])"
    text = String(requestText.prefix { $0 != "?" })
  }

  /// A text without percent signs; nil if it can't be one.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        bytes.append(contentsOf: character.utf8)
        continue
      }
      guard let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2, byte > 0 else {
        return nil
      }
      bytes.append(byte)
      rest.removeFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
