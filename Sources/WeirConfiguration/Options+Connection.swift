extension Options {
  /// How commands ask a running Weir: `Flag.connection`. The daemon does not take these flags.
  package struct Connection: Sendable, Equatable {
    /// Where Weir is asked; nil where no flag says so.
    package var url: ServerURL?
    /// The user for that; nil for none.
    package var user: String?
    package var passwordFile: String?
    /// Certificates that the server is checked against; nil for the system's.
    package var caFile: String?

    package init() {}
  }

  /// Checks what no single flag can check.
  func checkConnection() throws(UsageError) {
    if connection.passwordFile != nil, connection.user == nil {
      throw UsageError("--password-file is given without --user; write both, or none")
    }
    if connection.user != nil, connection.passwordFile == nil {
      throw UsageError("--user is given without --password-file; write both, or none")
    }
    if connection.caFile != nil, let url = connection.url, !url.isSecure {
      throw UsageError("--ca-file is given, and --url is not one of https; leave one of them out")
    }
  }
}

/// Where a Weir is asked: `http://HOST:PORT`, with the path of its metrics, or the path under which a proxy has it.
package struct ServerURL: Sendable, Equatable {
  /// Without a slash at the end.
  package let text: String
  package let isSecure: Bool
  /// Whether there is a path.
  package let hasPath: Bool

  /// - Parameter source: What has the URL, as it begins a sentence: `--url` or `WEIR_URL`.
  /// - Throws: One sentence for the operator.
  package init(_ url: String, source: String) throws(UsageError) {
    // A URL that is wrong is not shown, because it may have a password.
    guard let parsed = ForwardURL(url), !url.contains("?") else {
      throw UsageError(
        "\(source) is not a URL of HTTP or HTTPS; write for example http://127.0.0.1:9102")
    }
    guard parsed.credentials == nil else {
      throw UsageError(
        "\(source) has a user, which other users of this machine can see; write it with --user, and the "
          + "password into the file of --password-file")
    }
    var text = parsed.text
    while text.hasSuffix("/") { text.removeLast() }
    self.text = text
    isSecure = parsed.isSecure
    hasPath = parsed.hasPath
  }
}
