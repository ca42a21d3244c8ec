import WeirCluster
import WeirClusterView
import WeirExposition
import WeirMetrics

extension OwnMetrics {
  /// What a node of a cluster knows about itself; empty where there is no cluster.
  var clusterFamilies: [OwnFamily] {
    guard let cluster = status.cluster else { return [] }
    let (meter, view) = (cluster.meter, cluster.meter.view)
    func counter(_ name: String, _ help: String, _ value: Int) -> OwnFamily {
      OwnFamily(name, .counter, help, Double(value))
    }
    func gauge(_ name: String, _ help: String, _ value: Double) -> OwnFamily {
      OwnFamily(name, .gauge, help, value)
    }
    return [
      gauge(
        "weir_cluster_ready",
        "Whether this node has caught up with the log and can answer scrapes.",
        cluster.isReady ? 1 : 0),
      gauge(
        "weir_cluster_nodes", "Nodes that were heard in the last five minutes.",
        Double(cluster.nodes.count)),
      gauge(
        "weir_cluster_diverged",
        "Whether two nodes showed different series when they were compared last, which must not happen.",
        cluster.isDiverged ? 1 : 0),
      gauge(
        "weir_cluster_connected", "Whether this node is connected to NATS.",
        cluster.connection.isConnected ? 1 : 0),
      counter(
        "weir_cluster_reconnects_total", "How often the connection to NATS was made again.",
        Int(clamping: cluster.connection.reconnects)),
      gauge(
        "weir_cluster_sequence", "The last message of the log that this node has applied.",
        Double(cluster.standing.sequence)),
      gauge(
        "weir_cluster_quiet_seconds", "Time since this node has applied a message.",
        cluster.quietSeconds),
      counter(
        "weir_cluster_messages_total", "Messages of the log that were applied here.", view.messages),
      counter(
        "weir_cluster_messages_refused_total", "Messages of the log that no Weir wrote.",
        view.messagesRefused),
      counter(
        "weir_cluster_frames_total", "Frames of the log that were applied here.", view.frames),
      counter(
        "weir_cluster_frames_refused_total", "Frames of the log that were refused.",
        view.framesRefused),
      counter(
        "weir_cluster_records_refused_total", "Records of frames of the log that were refused.",
        view.recordsRefused),
      counter("weir_cluster_posts_total", "Messages that this node handed to NATS.", meter.posts),
      counter(
        "weir_cluster_posted_bytes_total", "Bytes of these messages.", meter.postedBytes),
      counter(
        "weir_cluster_stored_total", "Messages of this node that the log has.", meter.stored),
      OwnFamily(
        "weir_cluster_posts_failed_total", .counter,
        "Messages that NATS did not take. What they had is sent again.",
        samples: [
          (OwnFamily.label("reason", "full"), Double(meter.postsFull)),
          (OwnFamily.label("reason", "refused"), Double(meter.postsFailed - meter.postsFull)),
          (OwnFamily.label("reason", "no_answer"), Double(meter.postsWithoutAnswer)),
          (OwnFamily.label("reason", "held_back"), Double(meter.postsHeldBack)),
        ]),
      counter(
        "weir_cluster_barriers_total", "Scrapes that waited for their own marker.", meter.barriers),
      counter(
        "weir_cluster_barriers_failed_total",
        "Scrapes that were answered with 503, because their marker did not come back in time.",
        meter.barriersFailed),
      OwnFamily(
        "weir_cluster_barrier_seconds_total", .counter,
        "Time that scrapes waited for their marker.",
        meter.barrierSeconds),
      gauge(
        "weir_cluster_last_marker_timestamp_seconds",
        "When the last marker came back, in seconds since 1970; 0 before the first one.",
        meter.lastMarkerSeconds),
      counter(
        "weir_cluster_gaps_total",
        "How often the state was loaded again, because messages were gone before they were read.",
        meter.gaps),
      counter(
        "weir_cluster_states_stored_total", "States that this node put into the store.",
        meter.statesStored),
      counter(
        "weir_cluster_states_failed_total", "States that this node could not put into the store.",
        meter.statesFailed),
      gauge(
        "weir_cluster_state_timestamp_seconds",
        "When the newest state was stored, in seconds since 1970 by NATS' clock; 0 if there is none.",
        Double(meter.stateMilliseconds) / 1_000),
    ] + logFamilies(meter)
  }

  /// What the log has, and may have. They are missing before the servers have said it, and where there is no limit.
  private func logFamilies(_ meter: ClusterMeter.Reading) -> [OwnFamily] {
    let values = [
      ("weir_cluster_log_bytes", "What all messages of the log take.", meter.logBytes),
      ("weir_cluster_log_bytes_max", "What they may take.", meter.logBytesMax),
    ]
    return values.compactMap { name, help, value in
      value.map { OwnFamily(name, .gauge, help, Double($0)) }
    }
  }
}
