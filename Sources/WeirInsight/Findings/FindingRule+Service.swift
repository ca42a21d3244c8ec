// Weir itself: its files, its certificate, its log.
extension FindingRule {
  private static let day = 86_400.0

  static let service: [FindingRule] = [
    FindingRule("state_unprotected", view: "about") { window in
      guard window.now.isStateProtected == false else { return [] }
      return [
        Draft(
          level: .bad, what: "The state can't be saved. After a restart counters would step back.",
          fix: "See the log for the error of the disk of `--state.dir`.")
      ]
    },
    FindingRule("reload_failed", view: "about") { window in
      window.now.files.filter { !$0.isLoaded }.map { file in
        Draft(
          level: .warn, subject: file.name,
          what: "The \(file.name) has a mistake. What was loaded before is still in force.",
          fix: "See the log for the line; `weir check-config` shows it, too.")
      }
    },
    FindingRule("certificate_ends", view: "about") { window in
      guard let left = window.now.certificateEndsInSeconds, left < 14 * day else { return [] }
      let fix = "Renew it. Weir loads the new file by itself."
      guard left > 0 else {
        return [
          Draft(level: .bad, what: "The certificate has expired, so scrapers refuse it.", fix: fix)
        ]
      }
      return [
        Draft(
          level: .warn, what: "The certificate expires in \(ReadableNumbers.duration(left)).",
          fix: fix)
      ]
    },
    FindingRule("log_lines_lost", view: "about") { window in
      guard window.now.logLinesLost > window.before.logLinesLost else { return [] }
      return [
        Draft(
          level: .info,
          what: "Lines of the log are lost, because nothing reads its pipe fast enough.",
          fix: "Look at what reads Weir's standard error.")
      ]
    },
    FindingRule("connections_refused", view: "limits") { window in
      let gain = window.now.connectionsRefused - window.before.connectionsRefused
      guard gain > 0 else { return [] }
      return [
        Draft(
          level: .warn,
          what:
            ReadableNumbers.subject(Double(gain), "HTTP connection")
            + " refused in the last minute, because all of --web.max-connections were busy.",
          fix: "Find out who keeps them open, or raise `--web.max-connections`.")
      ]
    },
  ]
}
