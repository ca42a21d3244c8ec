extension Flag {
  /// The flags of the push protocol.
  static let push: [Flag] = [
    .path(
      "push.keys-file", "FILE", \.push.keysFile,
      help: """
        File with the keys that pushed frames have to be signed with. Without one they are taken \
        unsigned.
        """),
    .seconds(
      "push.gauge-ttl", \.push.gaugeSeconds, upTo: Limits.pushSecondsMax,
      help: """
        How long an instance that pushes may be silent before its gauges leave. One that says that \
        it ends lets them go at once.
        """),
    .seconds(
      "push.owner-ttl", \.push.ownerSeconds, upTo: Limits.pushSecondsMax,
      help: """
        How long it may be silent before it is absorbed: its counts stay, and it is forgotten a day \
        after it was heard of last, or sooner where room is needed.
        """),
    .choice(
      "push.older-instances", \.push.olderInstances,
      help: """
        What counts of an instance that is not known and is older than Weir's memory, which begins \
        with its start, a day ago, or when an instance was last heard of that was forgotten to make \
        room: of totals that began before, what they gain from now on (baseline), or all (count).
        """),
    .count(
      "limit.push-instances", \.push.instancesMax, of: "instances", upTo: Limits.pushInstancesMax,
      help: """
        Instances that push, those of the last day among them. One that has brought no record makes \
        room at once, one that was absorbed where no other can.
        """),
    .count(
      "limit.push-totals", \.push.totalsMax, of: "totals", upTo: Limits.pushTotalsMax,
      help: """
        Totals that are known of all of them. A counter is one; a gauge, a histogram or a set is one, and \
        one more for each 50 bytes of what it takes.
        """),
    .count(
      "limit.push-totals-per-instance", \.push.totalsPerInstanceMax, of: "totals",
      upTo: Limits.pushTotalsMax, help: "Totals of one instance, counted in the same way."),
  ]

  /// A flag whose value is a length of time of whole seconds; what is between is rounded up.
  private static func seconds(
    _ name: String, _ path: OptionPath<Int>, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "DURATION", path, help: help, shown: TimeSpan.text(seconds:),
      parse: { value throws(UsageError) in
        guard let milliseconds = TimeSpan.milliseconds(value),
          1_000...max * 1_000 ~= milliseconds
        else {
          throw UsageError(
            "--\(name): \(value.quoted) is not how long an instance may be silent; write a duration "
              + "from 1s to \(TimeSpan.text(seconds: max)), such as 90s or 15m")
        }
        return (milliseconds + 999) / 1_000
      })
  }
}

extension Options {
  /// Holds against each other what no flag can tell by itself.
  func checkPush() throws(UsageError) {
    guard push.gaugeSeconds > push.ownerSeconds else { return }
    throw UsageError(
      "--push.gauge-ttl is longer than --push.owner-ttl, when all gauges are gone; write "
        + "\(TimeSpan.text(seconds: push.ownerSeconds)) or less")
  }
}
