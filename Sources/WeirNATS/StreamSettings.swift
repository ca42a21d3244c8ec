import WeirBytes
import WeirCluster
import WeirJSON

/// How a stream is made, and what must be so in one that exists.
struct StreamSettings: Sendable {
  /// How a setting may differ.
  private enum Rule {
    case equal
    /// At least so much, or -1 for no limit.
    case atLeast
    /// Missing, empty, false or 0.
    case absent
  }

  let name: String
  let subjects: [String]
  let replicas: Int
  let bytesMax: Int
  let metadata: [String: String]
  /// Whether it is the stream of an object store, as the `nats` tools make it.
  let isBucket: Bool

  static func log(_ settings: NATSSettings, metadata: [String: String]) -> StreamSettings {
    StreamSettings(
      name: settings.streamName, subjects: [settings.subject], replicas: settings.replicas,
      bytesMax: settings.logBytesMax, metadata: metadata, isBucket: false)
  }

  static func bucket(_ settings: NATSSettings) -> StreamSettings {
    StreamSettings(
      name: settings.bucketStream,
      subjects: ["$O.\(settings.bucket).C.>", "$O.\(settings.bucket).M.>"],
      replicas: settings.replicas, bytesMax: settings.storeBytesMax, metadata: [:], isBucket: true)
  }

  /// What is asked for where it is made, as `make the stream weir_a with room for 4 GiB on 3 servers`.
  var making: String {
    "make the \(isBucket ? "bucket of states" : "stream") \(name) with room for "
      + "\(StreamSettings.size(bytesMax)) on \(replicas) server\(replicas == 1 ? "" : "s")"
  }

  /// `4 GiB`, exactly.
  private static func size(_ bytes: Int) -> String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20)] where bytes.isMultiple(of: size) {
      return "\(bytes / size) \(unit)"
    }
    return "\(bytes) bytes"
  }

  /// The body of `STREAM.CREATE`.
  var creation: JSONValue {
    var fields: [String: JSONValue] = [
      "name": .text(name), "subjects": .array(subjects.map { .text($0) }),
      "retention": .text("limits"), "storage": .text("file"), "discard": .text("new"),
      "num_replicas": .whole(replicas), "max_bytes": .whole(bytesMax), "max_age": .whole(0),
      "max_msgs": .whole(-1), "max_msgs_per_subject": .whole(-1), "max_consumers": .whole(-1),
      "max_msg_size": .whole(isBucket ? -1 : NATSSettings.messageBytesMax),
      "deny_delete": .flag(false), "deny_purge": .flag(false),
      "allow_rollup_hdrs": .flag(isBucket), "allow_direct": .flag(isBucket),
      "description": .text(isBucket ? "States of Weir" : "The log of Weir"),
    ]
    if !metadata.isEmpty { fields["metadata"] = .object(metadata.mapValues { .text($0) }) }
    return .object(fields)
  }

  private var rules: [(name: String, wanted: JSONValue, rule: Rule)] {
    [
      ("subjects", .array(subjects.map { .text($0) }), .equal),
      ("retention", .text("limits"), .equal), ("storage", .text("file"), .equal),
      ("discard", .text("new"), .equal), ("num_replicas", .whole(replicas), .equal),
      ("max_bytes", .whole(bytesMax), .equal), ("max_age", .whole(0), .absent),
      ("max_msgs", .whole(-1), .equal), ("max_msgs_per_subject", .whole(-1), .equal),
      (
        "max_msg_size",
        .whole(isBucket ? NATSStore.chunkBytes + 1_024 : NATSSettings.messageBytesMax), .atLeast
      ),
      ("allow_rollup_hdrs", .flag(isBucket), isBucket ? .equal : .absent),
      ("allow_direct", .flag(isBucket), isBucket ? .equal : .absent),
      ("no_ack", .flag(false), .absent), ("sealed", .flag(false), .absent),
      ("deny_delete", .flag(false), .absent), ("deny_purge", .flag(false), .absent),
      ("mirror", .null, .absent), ("sources", .null, .absent), ("republish", .null, .absent),
      ("subject_transform", .null, .absent), ("discard_new_per_subject", .flag(false), .absent),
      // Before it is on the disk nothing counts as stored.
      ("persist_mode", .null, .absent),
    ]
  }

  /// What is wrong in a stream that exists, as a sentence; nil if it is as it must be.
  func fault(in configuration: JSONValue) -> String? {
    for (setting, wanted, rule) in rules {
      let found = configuration[setting]
      guard !StreamSettings.isRight(found, wanted, rule, setting) else { continue }
      let shown = StreamSettings.shown(found, wanted)
      let should = (rule == .atLeast ? "at least " : "") + StreamSettings.shown(wanted, .null)
      let flag = StreamSettings.flag(of: setting)
      return "The stream \(name) has \(setting) \(shown), and it must be \(should); "
        + (flag.map { "give \($0) as the nodes of this cluster have it, or change the stream." }
          ?? "change it there.")
    }
    return nil
  }

  /// The flag that says what a setting must be.
  private static func flag(of setting: String) -> String? {
    switch setting {
    case "max_bytes": "--cluster.log-size"
    case "num_replicas": "--cluster.replicas"
    default: nil
    }
  }

  private static func isRight(
    _ found: JSONValue, _ wanted: JSONValue, _ rule: Rule, _ setting: String
  ) -> Bool {
    switch rule {
    case .equal:
      if case .array(let elements) = wanted {
        return Set(elements.map { $0.text }) == Set(found.elements.map { $0.text })
      }
      return found == wanted
    case .atLeast:
      guard let number = found.integer, let least = wanted.integer else { return false }
      return number == -1 || number >= least
    case .absent:
      switch found {
      case .null, .flag(false), .number(0), .text(""), .array([]): return true
      case .text("default"): return setting == "persist_mode"
      default: return false
      }
    }
  }

  private static func shown(_ value: JSONValue, _ wanted: JSONValue) -> String {
    if case .null = value {
      // Servers leave out what is false or 0.
      if case .flag = wanted { return "false" }
      return "nothing"
    }
    let text = String(decoding: JSONWriter.bytes(of: value).prefix(200), as: UTF8.self)
    return ShownText.of(text).replacing("\"", with: "'")
  }
}
