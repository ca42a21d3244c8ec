import WeirMetrics

extension Options {
  /// What `weir send` alone is asked: `Flag.send`. The daemon does not take these flags.
  package struct Send: Sendable, Equatable {
    /// What is simulated; nil to send lines.
    package var demo: Demo?
    /// Instances that are simulated; nil where no flag says so.
    package var instances: Int?
    /// Requests that are simulated, or lines that are sent, each second; nil where no flag says so.
    package var perSecond: Int?
    /// The longest time that anything is sent.
    package var seconds = 3_600
    /// Whether frames of the push protocol are sent and not lines.
    package var pushes = false
    /// Whether Weir is asked for what was sent.
    package var checks = true
    /// Where Weir is asked; nil where no flag says so.
    package var url: MetricsURL?
    /// The user for that; nil for none.
    package var user: String?
    package var passwordFile: String?
    /// Certificates that the server is checked against; nil for the system's.
    package var caFile: String?

    package init() {}

    package enum Demo: String, CaseIterable, Sendable, FlagChoice {
      /// The instances of a gateway to language models.
      case gateway
    }

    package static let instancesByDefault = 3
    package static let requestsPerSecondByDefault = 50
    /// What one core takes in a second is far more, so that a pipe of lines is no flood.
    package static let linesPerSecondByDefault = 10_000
  }

  /// Checks what no single flag can check.
  func checkSend() throws(UsageError) {
    if send.demo == nil, send.instances != nil {
      throw UsageError("--instances is for a demo; add --demo=gateway, or leave it out")
    }
    if send.passwordFile != nil, send.user == nil {
      throw UsageError("--password-file is given without --user; write both, or none")
    }
    if send.user != nil, send.passwordFile == nil {
      throw UsageError("--user is given without --password-file; write both, or none")
    }
    if send.caFile != nil, let url = send.url, !url.isSecure {
      throw UsageError("--ca-file is given, and --url is not one of https; leave one of them out")
    }
  }
}

/// Where a Weir shows its metrics: `http://HOST:PORT`, or with the path of its page.
package struct MetricsURL: Sendable, Equatable {
  /// Without a slash at the end.
  package let text: String
  package let isSecure: Bool
  /// Whether there is a path, which then is that of the metrics.
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
