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
  }
}
