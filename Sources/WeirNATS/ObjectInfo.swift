import WeirCluster
import WeirJSON

/// What an object store of NATS keeps about an object, in JSON, as the `nats` tools read and write it.
struct ObjectInfo: Equatable {
  var name: String
  var bucket: String
  /// Names the subject of its chunks.
  var chunksName: String
  var bytes: UInt64
  var chunks: Int
  /// `SHA-256=` and the digest in base64; nil if its writer has left it out.
  var digest: String?
  var isDeleted = false
  /// The last message of the log that is in it.
  var sequence: UInt64?

  static let sequenceKey = "sequence"

  init(
    name: String, bucket: String, chunksName: String, bytes: UInt64, chunks: Int,
    digest: String?, sequence: UInt64?
  ) {
    self.name = name
    self.bucket = bucket
    self.chunksName = chunksName
    self.bytes = bytes
    self.chunks = chunks
    self.digest = digest
    self.sequence = sequence
  }

  /// Nil if it is no such JSON, or describes a link to another object.
  init?(_ json: [UInt8]) {
    guard let value = JSONValue(json), let name = value["name"].text,
      let bucket = value["bucket"].text, let chunksName = value["nuid"].text,
      ObjectInfo.isToken(chunksName), value["options"]["link"] == .null
    else { return nil }
    self.name = name
    self.bucket = bucket
    self.chunksName = chunksName
    isDeleted = value["deleted"].flag ?? false
    // The tools leave out what is 0.
    bytes = value["size"].count ?? 0
    chunks = value["chunks"].integer ?? 0
    guard chunks >= 0 else { return nil }
    digest = value["digest"].text
    sequence = value["metadata"][ObjectInfo.sequenceKey].text.flatMap { Int64($0) }.flatMap {
      UInt64(exactly: $0)
    }
  }

  var json: [UInt8] {
    var fields: [String: JSONValue] = [
      "name": .text(name), "bucket": .text(bucket), "nuid": .text(chunksName),
      "size": .whole(Int(clamping: bytes)), "chunks": .whole(chunks),
      // The store knows when it took the message.
      "mtime": .text("0001-01-01T00:00:00Z"),
      "options": .object(["max_chunk_size": .whole(NATSStore.chunkBytes)]),
    ]
    if let digest { fields["digest"] = .text(digest) }
    if let sequence {
      fields["metadata"] = .object([ObjectInfo.sequenceKey: .text("\(sequence)")])
    }
    return JSONWriter.bytes(of: .object(fields))
  }

  static func subject(of name: String, in bucket: String) -> String {
    "$O.\(bucket).M.\(Base64.text(Array(name.utf8), .url))"
  }

  var subject: String { ObjectInfo.subject(of: name, in: bucket) }
  var chunksSubject: String { "$O.\(bucket).C.\(chunksName)" }

  /// Whether a text is one part of a subject, and no wildcard.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !".*>".utf8.contains($0) }
  }
}
