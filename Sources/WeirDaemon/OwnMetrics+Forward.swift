import WeirExposition
import WeirForwarding

extension OwnMetrics {
  /// What is forwarded; nothing where nothing is.
  var forwardFamilies: [OwnFamily] {
    guard let forward = status.forward else { return [] }
    return ownFrameFamilies(forward.own) + relayFamilies(forward)
  }

  private func ownFrameFamilies(_ own: ForwardMeter.Reading) -> [OwnFamily] {
    [
      OwnFamily(
        "weir_forward_frames_total", .counter,
        "Frames with counts of this Weir that were sent to the next hop.", Double(own.frames)),
      OwnFamily(
        "weir_forward_frames_failed_total", .counter,
        "Such frames that could not be sent; the counts are sent again.",
        Double(own.framesFailed)),
      OwnFamily(
        "weir_forward_frames_confirmed_total", .counter,
        "Such frames that the next hop has confirmed.", Double(own.confirmed)),
      OwnFamily(
        "weir_forward_records_total", .counter, "Records of the frames that were sent.",
        Double(own.records)),
      OwnFamily(
        "weir_forward_bytes_total", .counter, "Bytes of the frames that were sent.",
        Double(own.bytes)),
      OwnFamily(
        "weir_forward_unconfirmed_series", .gauge,
        "Series of which something was sent and not confirmed, as of the last round.",
        Double(own.unconfirmedSeries)),
      OwnFamily(
        "weir_forward_series_too_long_total", .counter,
        "Times that a series was left out because it is longer than the longest frame.",
        Double(own.seriesTooLong)),
      OwnFamily(
        "weir_forward_rounds_held_total", .counter,
        "Times that nothing was sent because the state could not be committed.",
        Double(own.roundsSkipped)),
      OwnFamily(
        "weir_forward_last_confirmed_timestamp_seconds", .gauge,
        "When the next hop last confirmed a frame of this Weir; 0 if it never has.",
        own.lastConfirmedSeconds),
      OwnFamily(
        "weir_forward_round_duration_seconds", .gauge,
        "Time of the last round, from reading the counts until they were sent.",
        own.lastRoundSeconds),
    ]
  }

  private func relayFamilies(_ forward: Status.Forward) -> [OwnFamily] {
    [
      OwnFamily(
        "weir_forward_relayed_frames_total", .counter,
        "Pushed frames that were passed on to the next hop.", Double(forward.relay.passed)),
      OwnFamily(
        "weir_forward_relayed_frames_resent_total", .counter,
        "Times that such a frame was sent again because it was not confirmed.",
        Double(forward.relay.resent)),
      OwnFamily(
        "weir_forward_relayed_frames_confirmed_total", .counter,
        "Such frames that the next hop has confirmed.", Double(forward.relay.confirmed)),
      OwnFamily(
        "weir_forward_relayed_frames_dropped_total", .counter,
        "Such frames that were given up: not confirmed within 6 s, or too many at the same time. "
          + "Totals that clients repeat make up for it.", Double(forward.relay.dropped)),
      OwnFamily(
        "weir_forward_relayed_frames_waiting", .gauge,
        "Such frames that wait to be confirmed.", Double(forward.relay.waiting)),
      OwnFamily(
        "weir_forward_loops_total", .counter,
        "Frames of this Weir that came back to it, so that Weirs forward in a circle.",
        Double(forward.own.loops)),
    ]
  }
}
