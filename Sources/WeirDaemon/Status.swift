import WeirAggregation
import WeirForwarding
import WeirHTTP
import WeirMetrics
import WeirSockets

/// What Weir knows about itself at one moment: what its own metrics and the status pages show.
///
/// It is plain data, a section for each subject, so that a test can make one and render every page
/// from it. `StatusReader` reads it from the running parts.
struct Status: Sendable {
  var metrics: Metrics
  var refused: Refused
  var instances: Instances

  /// What Weir's own metrics show.
  struct Metrics: Sendable {
    /// One for each listener.
    var ingest: [Ingest]
    /// Connections of all stream listeners; nil where there is none.
    var places: Places?
    /// At `/api/v1/statsd`.
    var posted = PostedMeter.Reading()
    var series: SeriesCounts
    var limits: LimitReading
    var push: Push
    /// Nil without a state.
    var state: StateKeeper.Reading?
    var scrapes: ScrapeTotals
    var http: HTTPStatistics
    var files: Files
    var process: ProcessMetrics
    var logLinesLost: Int
    /// Nil where nothing is forwarded.
    var forward: Forward?
    /// Nil where this Weir is no node of a cluster.
    var cluster: Cluster.Reading?
    /// Nil where lines are not relayed.
    var relay: LineRelay.Reading?
    /// Nil where nothing is pushed to CloudWatch.
    var cloudWatch: CloudWatchMeter.Reading?
    /// Nil where none may be pushed.
    var groups: Groups?

    /// What was received in all ways.
    var received: IngestTotals {
      ingest.reduce(into: posted.ingest) { $0.add($1.totals) }
    }
  }

  /// What a listener has received.
  struct Ingest: Sendable {
    var name: SocketName
    var transport = Listener.Transport.udp
    /// Receive buffer that the kernel granted each socket, in bytes; nil except for UDP.
    var receiveBufferBytes: Int?
    var totals: IngestTotals
    /// Datagrams that the kernel dropped.
    var dropped: UInt64
    /// What its connections did; nil where datagrams come in.
    var connections: StreamTotals?
  }

  /// How many connections of streams may be open, and how many are.
  struct Places: Sendable {
    var limit: Int
    var used: Int
  }

  /// What instances have pushed.
  struct Push: Sendable {
    var totals: PushTotals
    var refused: PushMeter.Reading
    var limits: OwnerLimits
  }

  /// What was forwarded.
  struct Forward: Sendable {
    var own: ForwardMeter.Reading
    var relay: RelayTotals
  }

  /// How the last reloads went.
  struct Files: Sendable {
    /// Nil without a web configuration file.
    var web: ReloadStatus.Reading?
    /// Nil without a file of keys.
    var keys: ReloadStatus.Reading?
    /// Nil without mapping rules.
    var mapping: Mapping?

    struct Mapping: Sendable {
      var reload: ReloadStatus.Reading
      var rules: Int
    }
  }

  /// The last refused lines, frames and records, oldest first.
  struct Refused: Sendable {
    var lines: [RefusedLines.Entry] = []
    var pushes: [PushReports.Entry] = []
  }

  /// Instances that push.
  struct Instances: Sendable {
    /// At most `InstancesPage.instancesMax`, those with most frames lost or missing first.
    var shown: [InstanceReading] = []
    /// How many are known.
    var known = 0
  }
}
