// Frames of the push protocol.
extension FindingRule {
  static let push: [FindingRule] = [
    FindingRule("frames_refused", view: "refused") { window in
      window.now.push.refusedFrames.sorted { $0.key < $1.key }.compactMap { reason, count in
        let gain = count - (window.before.push.refusedFrames[reason] ?? 0)
        guard gain > 0 else { return nil }
        return Draft(
          level: .bad, subject: reason,
          what:
            ReadableNumbers.subject(gain, "pushed frame")
            + " refused in the last minute: \(reason).",
          fix: ["signature", "unsigned", "replayed", "unknown_key"].contains(reason)
            ? "Compare the keys of the clients with `--push.keys-file`, and their clocks with this host's."
            : "See Refused for the senders, and update their client library.")
      }
    },
    FindingRule("records_refused", view: "refused") { window in
      window.now.push.refusedRecords.sorted { $0.key < $1.key }.compactMap { reason, count in
        let gain = count - (window.before.push.refusedRecords[reason] ?? 0)
        guard gain > 0 else { return nil }
        return Draft(
          level: .bad, subject: reason,
          what:
            ReadableNumbers.subject(gain, "pushed record")
            + " refused in the last minute: \(reason).",
          fix: "See Refused for their names and instances.")
      }
    },
    FindingRule("frames_lost", view: "instances") { window in
      let (lost, arrived) = (window.gain(\.push.framesLost), window.gain(\.push.frames))
      guard lost > 0, lost / (lost + arrived) > 0.01 else { return [] }
      return [
        Draft(
          level: .info,
          what:
            "\(ReadableNumbers.share(lost / (lost + arrived))) of the pushed frames are lost on the way. Counts stay "
            + "right, because later frames carry the totals.",
          fix: "See Instances: if a few of them lose most, look at their network.")
      ]
    },
    FindingRule("instances_forgotten", view: "instances") { window in
      let gain = window.gain(\.push.forgottenForRoom)
      guard gain > 0 else { return [] }
      return [
        Draft(
          level: .warn,
          what:
            ReadableNumbers.subject(gain, "instance")
            + " forgotten in the last minute to make room. If such an instance pushes again, what it counted "
            + "meanwhile is lost.",
          fix: "Raise `--limit.push-instances`, or let instances live longer.")
      ]
    },
  ]
}
