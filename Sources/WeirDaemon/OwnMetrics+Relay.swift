import WeirExposition

extension OwnMetrics {
  /// What was relayed; nothing where no lines are.
  var lineRelayFamilies: [OwnFamily] {
    guard let relay = status.relay else { return [] }
    let targets = relay.targets.map { target in
      (labels: OwnFamily.label("target", target.name), totals: target.totals)
    }
    return [
      OwnFamily(
        "weir_relay_packets_total", .counter, "Packets of lines sent to a target of the relay.",
        samples: targets.map { ($0.labels, Double($0.totals.sent.packets)) }),
      OwnFamily(
        "weir_relay_lines_relayed_total", .counter, "Lines in these packets.",
        samples: targets.map { ($0.labels, Double($0.totals.sent.lines)) }),
      OwnFamily(
        "weir_relay_long_lines_total", .counter,
        "Lines that were not relayed because they are longer than a packet. They are counted here all the same.",
        Double(relay.longLines)),
      droppedFamily("packets", relay) { $0.packets },
      droppedFamily("lines", relay) { $0.lines },
      OwnFamily(
        "weir_relay_refusals_total", .counter,
        "Times that the machine of a target answered that nobody receives there. By UDP at least one packet that "
          + "is counted as sent was lost each time.",
        samples: targets.map { ($0.labels, Double($0.totals.refusals)) }),
      OwnFamily(
        "weir_relay_queue_bytes", .gauge, "Bytes that wait to be sent to a target of the relay.",
        samples: targets.map { ($0.labels, Double($0.totals.queuedBytes)) }),
    ]
  }

  private func droppedFamily(
    _ what: String, _ relay: LineRelay.Reading, _ count: (LineRelayTotals.Packets) -> Int
  ) -> OwnFamily {
    OwnFamily(
      "weir_relay_dropped_\(what)_total", .counter,
      "Relayed \(what) that were not sent, by reason: the target is too slow (queue_full), it has no address or "
        + "no socket (no_address), the kernel refused them (error), or Weir stopped (stopped).",
      samples: relay.targets.flatMap { target in
        LineRelayTotals.Loss.allCases.map { loss in
          (
            OwnFamily.labels([("reason", loss.rawValue), ("target", target.name)]),
            Double(count(target.totals.dropped[loss] ?? .init()))
          )
        }
      })
  }
}
