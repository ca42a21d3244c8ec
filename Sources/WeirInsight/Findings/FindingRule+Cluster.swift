// A node of a cluster: its connection, its place in the log, the log itself, and the other nodes.
extension FindingRule {
  /// The share of the log's size from which it counts as nearly full.
  private static let nearShare = 0.9
  /// A state is due each five minutes.
  private static let stateSeconds = 900.0
  /// A node says each ten seconds that it is there.
  private static let silentSeconds = 30.0

  static let cluster: [FindingRule] = [
    rule("cluster_stopped") { cluster, _ in
      guard let text = cluster.stopped else { return [] }
      return [
        Draft(
          level: .bad, what: "This node answers no scrape any more: \(sentence(text))",
          fix: "Do what the sentence says, then restart Weir.")
      ]
    },
    rule("cluster_disconnected") { cluster, _ in
      guard !cluster.isConnected, cluster.stopped == nil else { return [] }
      let fault = cluster.fault.map { " \(sentence($0))" } ?? ""
      return [
        Draft(
          level: .bad,
          what:
            "This node has no connection to NATS (\(cluster.servers)), so that its scrapes get 503.\(fault)",
          fix:
            "Look whether the servers of `--cluster.nats` run and let this node in. Weir tries again by itself."
        )
      ]
    },
    rule("cluster_behind") { cluster, _ in
      guard let until = cluster.until, cluster.stopped == nil else { return [] }
      let (applied, end) = (ReadableNumbers.count(cluster.applied), ReadableNumbers.count(until))
      return [
        Draft(
          level: .warn,
          what:
            "This node has applied message \(applied) of \(end). Scrapes get 503 until it has caught up.",
          fix: "Wait. If `weir_cluster_sequence` does not grow, look at the log and at NATS.")
      ]
    },
    rule("cluster_scrapes_refused", view: "scrapes") { cluster, before in
      let gain = cluster.scrapesRefused - before.scrapesRefused
      // Otherwise the cause is another one, which has its own finding.
      guard gain > 0, cluster.isConnected, cluster.stopped == nil else { return [] }
      return [
        Draft(
          level: .bad,
          what:
            ReadableNumbers.subject(gain, "scrape")
            + " answered with 503 in the last minute, because the marker of the scrape did not come back from the log "
            + "in time.",
          fix:
            "Look whether the stream has a leader (`nats stream info`), whether this node has CPU time, and whether "
            + "`--cluster.barrier-timeout` is long enough.")
      ]
    },
    rule("cluster_diverged") { cluster, _ in
      guard cluster.isDiverged else { return [] }
      return [
        Draft(
          level: .bad,
          what:
            "Two nodes showed different series when they were compared last, which must not happen.",
          fix:
            "See the log for their names, keep the state of both (`--state.dir`), and report it.")
      ]
    },
    rule("cluster_log_full") { cluster, before in
      let gain = cluster.postsFull - before.postsFull
      guard gain > 0 else { return [] }
      return [
        Draft(
          level: .bad,
          what:
            ReadableNumbers.subject(gain, "message")
            + " refused in the last minute, because the log\(cluster.size) is full. What they had waits here.",
          fix: logRemedy)
      ]
    },
    rule("cluster_log_near") { cluster, before in
      guard let used = cluster.logBytes, let most = cluster.logBytesMax, used >= nearShare * most,
        cluster.postsFull == before.postsFull
      else { return [] }
      return [
        Draft(
          level: .warn,
          what:
            "The log has \(ReadableNumbers.bytes(used)) of the \(ReadableNumbers.bytes(most)) that it may have. When "
            + "it is full, nothing more is taken into it.",
          fix: logRemedy)
      ]
    },
    rule("cluster_posts_failed") { cluster, before in
      let unanswered = cluster.postsWithoutAnswer - before.postsWithoutAnswer
      let held = cluster.postsHeldBack - before.postsHeldBack
      let refused = cluster.postsRefused - before.postsRefused
      // Without a connection that is no wonder.
      guard unanswered + held + refused > 0, cluster.isConnected else { return [] }
      let parts = [
        (unanswered, "had no answer"), (refused, "were refused"), (held, "were held back"),
      ].filter { $0.0 > 0 }.map { "\(ReadableNumbers.count($0.0)) \($0.1)" }
      return [
        Draft(
          level: .warn,
          what:
            "Of the messages to the log, \(parts.joined(separator: ", ")) in the last minute. What they had is sent "
            + "again.",
          fix:
            "Look whether the stream has a leader (`nats stream info`), and whether NATS and the network are fast "
            + "enough."
        )
      ]
    },
    FindingRule("cluster_state_old") { window in
      guard let cluster = window.now.cluster, window.now.uptimeSeconds >= stateSeconds,
        cluster.isConnected, cluster.stopped == nil, cluster.until == nil,
        cluster.stateAgeSeconds ?? .infinity >= stateSeconds
      else { return [] }
      let since =
        cluster.stateAgeSeconds.map { "for \(ReadableNumbers.duration($0))" }
        ?? "since this node started"
      let failed = cluster.statesFailed
      let here =
        failed > 0
        ? " " + ReadableNumbers.subject(failed, "state", of: " of this node", "has", "have")
          + " failed." : ""
      return [
        Draft(
          level: .warn,
          what:
            "No state was stored \(since), so that the log is not trimmed and a new node has much to read.\(here)",
          fix: "See the logs of all nodes for the cause, such as a bucket that is full.")
      ]
    },
    rule("cluster_node_silent") { cluster, _ in
      guard cluster.isConnected, cluster.stopped == nil, cluster.until == nil else { return [] }
      return cluster.others.compactMap { node in
        // One that was started again has another number and the same name.
        let isBack = cluster.others.contains {
          $0.name == node.name && $0.silentSeconds < silentSeconds
        }
        guard node.silentSeconds >= silentSeconds, !isBack else { return nil }
        return Draft(
          level: .warn, subject: node.name,
          what:
            "The node \(node.name) was not heard for \(ReadableNumbers.duration(node.silentSeconds)).",
          fix: "Look whether it runs and reaches NATS. It is forgotten after five minutes.")
      }
    },
    FindingRule("cluster_name_twice") { window in
      // One that was started again reads what the one before it said, and is heard beside it for half a minute.
      guard let cluster = window.now.cluster, window.now.uptimeSeconds >= 2 * silentSeconds,
        cluster.isConnected, cluster.stopped == nil, cluster.until == nil
      else { return [] }
      let others = cluster.others.filter {
        $0.silentSeconds < silentSeconds && $0.knownSeconds >= 2 * silentSeconds
      }
      let names = ([cluster.name] + others.map(\.name)).filter { !$0.isEmpty }
      return Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted().map {
        Draft(
          level: .warn, subject: $0,
          what:
            "Several nodes are called \($0), so that pages and a reset of the log can't tell them apart.",
          fix: "Give each node its own `--cluster.node`, and restart them one by one.")
      }
    },
  ]

  private static let logRemedy =
    "See why no state is stored, after which the log is trimmed; or raise max_bytes of the stream and "
    + "`--cluster.log-size` of all nodes."

  /// A rule for nodes of a cluster, with what the cluster was a minute ago.
  private static func rule(
    _ id: String, view: String = "overview",
    make: @escaping @Sendable (_ now: Pulse.Cluster, _ before: Pulse.Cluster) -> [Draft]
  ) -> FindingRule {
    FindingRule(id, view: view) { window in
      window.now.cluster.map { make($0, window.before.cluster ?? Pulse.Cluster()) } ?? []
    }
  }

  /// A text with a period at its end.
  private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
}

extension Pulse.Cluster {
  /// ` of 4 GiB`; empty if it is not known.
  fileprivate var size: String { logBytesMax.map { " of \(ReadableNumbers.bytes($0))" } ?? "" }
}
