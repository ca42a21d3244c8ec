extension Pulse {
  /// What a node of a cluster knows of itself, of the log and of the others.
  package struct Cluster: Sendable, Equatable {
    /// Why the node shows nothing any more, as a sentence; nil if it does.
    package var stopped: String?
    /// What the node is called.
    package var name = ""
    /// The servers of NATS, without passwords.
    package var servers = ""
    package var isConnected = true
    /// Why it is not connected, as a sentence; nil if that is not known.
    package var fault: String?
    /// The last message that was applied.
    package var applied = 0.0
    /// The message up to which the node has to read before it answers; nil once it has.
    package var until: Double?
    /// Scrapes whose marker did not come back in time.
    package var scrapesRefused = 0.0
    package var isDiverged = false
    /// What the log has, and may have; nil if it is not known, or without a limit.
    package var logBytes: Double?
    package var logBytesMax: Double?
    /// Messages that the log did not take because it was full, and for another reason.
    package var postsFull = 0.0
    package var postsRefused = 0.0
    /// Messages that had no answer, and those that were not sent because too many had none.
    package var postsWithoutAnswer = 0.0
    package var postsHeldBack = 0.0
    /// Since the newest state was stored; nil if none was.
    package var stateAgeSeconds: Double?
    package var statesFailed = 0.0
    /// Other nodes that were heard once.
    package var others: [Node] = []
    /// Pushed frames that came in at this node.
    package var framesTaken = 0.0

    package init() {}

    package struct Node: Sendable, Equatable {
      package var name: String
      /// Since it was heard, by the time of the log.
      package var silentSeconds: Double
      /// Between the first and the last time that it was heard.
      package var knownSeconds: Double

      package init(name: String, silentSeconds: Double, knownSeconds: Double = 0) {
        self.name = name
        self.silentSeconds = silentSeconds
        self.knownSeconds = knownSeconds
      }
    }
  }
}
