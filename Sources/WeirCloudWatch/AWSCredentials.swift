/// What requests to AWS are signed with. It never shows its secrets.
package struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  package let accessKey: String
  package let secretKey: String
  /// Of temporary credentials; nil for others.
  package let sessionToken: String?
  /// In seconds since 1970; nil for never.
  package let expiresAt: Double?
  /// Where they come from; `description` shows it.
  package let source: String

  /// New credentials are fetched this long before the end, as AWS' own libraries do.
  package static let renewalSeconds = 300.0

  package init(
    accessKey: String, secretKey: String, sessionToken: String?, expiresAt: Double? = nil,
    source: String
  ) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expiresAt = expiresAt
    self.source = source
  }

  package var description: String { "credentials of \(source)" }
  package var customMirror: Mirror { Mirror(self, children: ["source": source]) }

  /// Whether they can be used at a time, in seconds since 1970, and for some minutes more.
  package func areFresh(at seconds: Double) -> Bool {
    expiresAt.map { seconds < $0 - AWSCredentials.renewalSeconds } ?? true
  }

  /// A text without any of the secrets.
  package func redacted(_ text: String) -> String {
    [secretKey, sessionToken ?? "", accessKey].filter { !$0.isEmpty }
      .reduce(text) { $0.replacing($1, with: "…") }
  }

  /// Whether all parts can be a header's value.
  fileprivate var arePrintable: Bool {
    !accessKey.isEmpty && !secretKey.isEmpty
      && (accessKey + secretKey + (sessionToken ?? "")).utf8.allSatisfy { 0x21..<0x7F ~= $0 }
  }

  /// - Throws: `AWSFailure` if a part is missing or can't be one.
  func checked() throws(AWSFailure) -> AWSCredentials {
    guard arePrintable else {
      throw AWSFailure("\(source) gives no access key and secret that can be used")
    }
    return self
  }
}

/// Why there are no credentials, as a part of a sentence without secrets.
package struct AWSFailure: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
