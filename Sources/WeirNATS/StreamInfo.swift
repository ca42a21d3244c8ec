import WeirCluster
import WeirJSON

/// What `STREAM.INFO` answers, as far as it is used.
struct StreamInfo: Equatable {
  let created: String
  let first: UInt64
  let last: UInt64
  let bytes: UInt64
  /// What all messages may take; nil where there is no limit.
  let bytesMax: UInt64?
  let replicas: Int
  let metadata: [String: String]
  let configuration: JSONValue

  /// Nil if it is no such answer.
  init?(_ answer: JSONValue) {
    let state = answer["state"]
    guard let created = answer["created"].text, let messages = state["messages"].count,
      let first = state["first_seq"].count, let last = state["last_seq"].count
    else { return nil }
    self.created = created
    self.last = last
    self.first = messages == 0 ? last + 1 : first
    bytes = state["bytes"].count ?? 0
    configuration = answer["config"]
    // -1 is no limit, and no count.
    bytesMax = configuration["max_bytes"].count
    replicas = configuration["num_replicas"].integer ?? 1
    // What begins so is the server's own.
    metadata = configuration["metadata"].fields.compactMapValues(\.text).filter {
      !$0.key.hasPrefix("_nats.")
    }
  }

  var bounds: LogBounds {
    LogBounds(
      first: first, last: last, bytes: bytes, bytesMax: bytesMax, identity: created,
      metadata: metadata)
  }
}

/// What is published is acknowledged so: `{"stream":"weir_a","seq":12}`, or with an error.
enum PublishAnswer: Equatable {
  case stored(sequence: UInt64)
  case failed(JetStreamError)

  /// Nil if it is no such answer.
  init?(_ message: NATSMessage) {
    guard message.status == nil, let value = JSONValue(message.payload) else { return nil }
    if let error = JetStreamError(value) {
      self = .failed(error)
    } else if let sequence = value["seq"].count, sequence > 0, value["stream"].text != nil {
      self = .stored(sequence: sequence)
    } else {
      return nil
    }
  }
}
