extension Flag {
  /// `--statsd.gauge-sign`
  static let gaugeSign = Flag(
    name: "statsd.gauge-sign",
    kind: .value(metavariable: "[ADDRESS=]relative|absolute", repeatable: true),
    help: """
      What a sign before a gauge's value means: a change of the gauge (relative), or the sign of its \
      new value (absolute), as DogStatsD has it. With an ADDRESS of --statsd.listen-udp it holds for \
      that one.
      """,
    shown: { $0.statsd.gaugeSigns.sign.rawValue },
    set: { value, _, options throws(UsageError) in
      let mark = value.lastIndex(of: "=")
      let address = mark.map { String(value[..<$0]) }
      let word = mark.map { String(value[value.index(after: $0)...]) } ?? value
      guard let sign = GaugeSign(rawValue: word) else {
        throw UsageError(
          "--statsd.gauge-sign: \(word.quoted) is not a choice; write relative or absolute")
      }
      guard options.statsd.gaugeSigns.set(sign, for: address) else {
        let whose = address.map { "for \($0.quoted)" } ?? "for all listeners"
        throw UsageError("--statsd.gauge-sign is given twice \(whose); leave one of them out")
      }
      if options.statsd.gaugeSigns.listeners.count > Limits.repeatsMax {
        throw UsageError(
          "--statsd.gauge-sign is given more than \(Limits.repeatsMax) times; "
            + "leave some of them out")
      }
    })

  /// `--statsd.container-id-label`
  static let containerIDLabel = Flag(
    name: "statsd.container-id-label",
    kind: .value(metavariable: "NAME", repeatable: false),
    help: """
      Label that DogStatsD's container id (name:1|c|c:ID) becomes, such as container_id: one series \
      for each container. An empty NAME makes none of it, as does leaving the flag out.
      """,
    shown: nil,
    set: { value, _, options throws(UsageError) in
      guard value.isEmpty || isLabelName(value) else {
        throw UsageError(
          "--statsd.container-id-label: \(value.quoted) can't be the name of a label; write letters, "
            + "digits and underscores, no digit first, and neither __ nor weir_ in front")
      }
      options.statsd.containerIDLabel = value.isEmpty ? nil : value
    })
}

/// Whether a label of a series of somebody else's may have the name.
private func isLabelName(_ text: String) -> Bool {
  let isWord = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
  let startsWithDigit = text.utf8.first.map { (0x30...0x39).contains($0) } ?? true
  return isWord && !startsWithDigit && !text.hasPrefix("__") && !text.hasPrefix("weir_")
    && text.utf8.count <= 256
}
