import WeirInsight

extension FindingCase {
  /// What is found at a node of a cluster.
  static let ofNodes: [FindingCase] = [
    FindingCase(
      id: "cluster_stopped", level: .bad,
      words: ["answers no scrape any more: the stream was removed; run it again."]
    ) { $0.cluster?.stopped = "the stream was removed; run it again" },
    FindingCase(
      id: "cluster_disconnected", level: .bad,
      words: ["no connection to NATS (nats://a:4222)", "get 503. The key is wrong."]
    ) {
      $0.cluster?.isConnected = false
      $0.cluster?.fault = "The key is wrong."
    },
    FindingCase(id: "cluster_disconnected", level: .bad, words: ["get 503.Look"]) {
      $0.cluster?.isConnected = false
    },
    FindingCase(id: "cluster_behind", level: .warn, words: ["message 70 of 41,300"]) {
      $0.cluster?.until = 41_300
    },
    FindingCase(
      id: "cluster_scrapes_refused", level: .bad, words: ["2 scrapes were answered with 503"]
    ) { $0.cluster?.scrapesRefused = 2 },
    FindingCase(id: "cluster_diverged", level: .bad) { $0.cluster?.isDiverged = true },
    FindingCase(
      id: "cluster_log_full", level: .bad,
      words: ["5 messages were", "the log of 4 GiB is full", "--cluster.log-size"]
    ) { $0.cluster?.postsFull = 5 },
    FindingCase(id: "cluster_log_full", level: .bad, words: ["because the log is full"]) {
      $0.cluster?.postsFull = 1
      $0.cluster?.logBytesMax = nil
    },
    FindingCase(
      id: "cluster_log_near", level: .warn,
      words: ["900 MiB of the 1,000 MiB", "no state is stored"]
    ) {
      $0.cluster?.logBytes = 900 * 1_048_576
      $0.cluster?.logBytesMax = 1_000 * 1_048_576
    },
    FindingCase(
      id: "cluster_posts_failed", level: .warn,
      words: ["3 had no answer, 1 were refused, 2 were held back in the last minute"]
    ) {
      $0.cluster?.postsWithoutAnswer = 3
      $0.cluster?.postsRefused = 1
      $0.cluster?.postsHeldBack = 2
    },
    FindingCase(id: "cluster_posts_failed", level: .warn, words: ["log, 4 were held back in"]) {
      $0.cluster?.postsHeldBack = 4
    },
    FindingCase(id: "cluster_state_old", level: .warn, words: ["stored for 17 min"]) {
      $0.cluster?.stateAgeSeconds = 1_000
    },
    FindingCase(
      id: "cluster_state_old", level: .warn,
      words: ["since this node started", "3 states of this node have failed."]
    ) {
      $0.cluster?.stateAgeSeconds = nil
      $0.cluster?.statesFailed = 3
    },
    FindingCase(
      id: "cluster_node_silent", level: .warn, subject: "b",
      words: ["The node b was not heard for 45 s"]
    ) { $0.cluster?.others[0].silentSeconds = 45 },
    FindingCase(
      id: "cluster_name_twice", level: .warn, subject: "b", words: ["Several nodes are called b,"]
    ) {
      $0.cluster?.name = "b"
      $0.cluster?.others[0].knownSeconds = 60
    },
  ]
}
