import WeirBytes
import WeirCluster
import WeirJSON
import WeirSecurity

/// The states of a cluster, in an object store of NATS: the bucket `weir_<name>`.
///
/// ```
/// $O.<bucket>.C.<nuid>          chunks of an object, in order
/// $O.<bucket>.M.<base64 name>   what the object is: only the last message of the subject is kept
/// ```
package final class NATSStore: StateStore {
  let jetStream: JetStream
  let bucket: String
  let stream: String

  /// Of each chunk but the last.
  static let chunkBytes = 128 << 10
  /// The most bytes of a state.
  package static let stateBytesMax = 4 << 30
  /// Chunks that wait for their answers, or that are asked for at once.
  static let chunksAtOnce = 32
  static let statesMax = 1_024

  init(_ connection: NATSConnection) {
    jetStream = JetStream(connection: connection)
    bucket = connection.settings.bucket
    stream = connection.settings.bucketStream
  }

  package func list(milliseconds: Int) throws(LogFailure) -> [StoredState] {
    let deadline = Deadline(milliseconds: milliseconds)
    let prefix = "$O.\(bucket).M."
    let answer = try jetStream.get(
      "STREAM.INFO.\(stream)", .object(["subjects_filter": .text("\(prefix)>")]),
      to: "list the states", milliseconds: deadline.milliseconds)
    var states: [StoredState] = []
    let subjects = answer["state"]["subjects"].fields.keys.sorted()
    for subject in subjects.prefix(NATSStore.statesMax) {
      guard subject.hasPrefix(prefix), let (info, time) = try info(at: subject, deadline),
        !info.isDeleted
      else { continue }
      states.append(
        StoredState(
          name: info.name, bytes: info.bytes, sequence: info.sequence, timeMilliseconds: time))
    }
    // Servers' clocks may differ, so that their time says less.
    return states.sorted {
      ($0.sequence ?? 0, $0.timeMilliseconds) < ($1.sequence ?? 0, $1.timeMilliseconds)
    }
  }

  /// The last message of a subject; nil if there is none, or it describes no object.
  private func info(
    at subject: String, _ deadline: Deadline
  ) throws(LogFailure) -> (ObjectInfo, timeMilliseconds: UInt64)? {
    let what = "look at a state"
    switch try jetStream.ask(
      "STREAM.MSG.GET.\(stream)", .object(["last_by_subj": .text(subject)]), to: what,
      milliseconds: deadline.milliseconds)
    {
    case .success(let answer):
      let message = answer["message"]
      guard let json = message["data"].text.flatMap({ Base64.bytes($0, .usual) }),
        let info = ObjectInfo(json), info.bucket == bucket, info.subject == subject
      else { return nil }
      return (info, message["time"].text.flatMap(NATSTime.milliseconds) ?? 0)
    case .failure(let error) where error.number == 10_037: return nil
    case .failure(let error): throw error.failure(what)
    }
  }

  private func info(named name: String, _ deadline: Deadline) throws(LogFailure) -> ObjectInfo? {
    try NATSStore.check(name)
    let found = try info(at: ObjectInfo.subject(of: name, in: bucket), deadline)?.0
    return found.flatMap { $0.isDeleted ? nil : $0 }
  }

  private static func check(_ name: String) throws(LogFailure) {
    let isName =
      (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "._-".utf8.contains(byte)
        }
      }
    guard isName else {
      throw .refused("The name of a state has 1 to 128 letters, digits, '.', '_' and '-'.")
    }
  }

  package func get(_ name: String, milliseconds: Int) throws(LogFailure) -> [UInt8] {
    let deadline = Deadline(milliseconds: milliseconds)
    guard let info = try info(named: name, deadline) else {
      throw .notFound("There is no state '\(name)' in the bucket \(bucket).")
    }
    guard info.bytes <= UInt64(NATSStore.stateBytesMax) else {
      throw .damaged("The state '\(name)' has \(info.bytes) bytes, more than is read.")
    }
    let bytes = try chunks(of: info, deadline)
    guard let digest = SHA256Digest.of(bytes), info.digest == NATSStore.text(digest) else {
      throw .damaged("The bytes of the state '\(name)' do not match its digest.")
    }
    return bytes
  }

  static func text(_ digest: [UInt8]) -> String { "SHA-256=" + Base64.text(digest, .url) }

  package func remove(_ name: String, milliseconds: Int) throws(LogFailure) {
    let deadline = Deadline(milliseconds: milliseconds)
    guard let info = try info(named: name, deadline) else { return }
    // First what makes it seen.
    try purge(info.subject, deadline)
    try purge(info.chunksSubject, deadline)
  }

  private func purge(_ subject: String, _ deadline: Deadline) throws(LogFailure) {
    _ = try jetStream.get(
      "STREAM.PURGE.\(stream)", .object(["filter": .text(subject)]),
      to: "remove a state", milliseconds: deadline.milliseconds)
  }

  package func put(
    _ name: String, _ bytes: [UInt8], sequence: UInt64, milliseconds: Int
  ) throws(LogFailure) {
    let deadline = Deadline(milliseconds: milliseconds)
    guard bytes.count <= NATSStore.stateBytesMax else {
      throw .tooLarge("The state '\(name)' has \(bytes.count) bytes, more than is stored.")
    }
    guard let digest = SHA256Digest.of(bytes) else {
      throw .refused("OpenSSL can't make a digest of the state '\(name)'.")
    }
    let before = try info(named: name, deadline)
    let info = ObjectInfo(
      name: name, bucket: bucket, chunksName: NATSInbox.unique(), bytes: UInt64(bytes.count),
      chunks: (bytes.count + NATSStore.chunkBytes - 1) / NATSStore.chunkBytes,
      digest: NATSStore.text(digest), sequence: sequence)
    let writer = try ObjectWriter(jetStream.connection, info)
    do throws(LogFailure) {
      try writer.write(bytes, deadline)
    } catch {
      // What nothing refers to would take room for ever.
      try? purge(info.chunksSubject, Deadline(milliseconds: 2_000))
      throw error
    }
    if let before { try purge(before.chunksSubject, deadline) }
  }
}
