import WeirBytes

/// What a node tells the others of itself: the payload of a `hello` entry.
///
///     payload = name · address · version (texts) · sequence (varint) · course (1 byte)
///     text    = length (varint) · UTF-8
package struct ClusterHello: Sendable, Equatable {
  package enum Course: UInt8, Sendable {
    case joining = 0
    case current = 1
    case stopping = 2
  }

  /// The longest text that is read.
  private static let textBytesMax = 255

  package var name: String
  /// Where it serves, as `host:port`.
  package var address: String
  package var version: String
  /// The last message that it had applied.
  package var sequence: UInt64
  package var course: Course

  package init(
    name: String, address: String, version: String, sequence: UInt64, course: Course
  ) {
    self.name = name
    self.address = address
    self.version = version
    self.sequence = sequence
    self.course = course
  }

  /// Nil where it is none.
  package init?(_ bytes: Span<UInt8>) {
    var cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    var texts: [String] = []
    for _ in 0..<3 {
      let length = cursor.count()
      guard length <= ClusterHello.textBytesMax else { return nil }
      let start = cursor.skip(length)
      texts.append(
        String(decoding: (start..<start + length).map { bytes[$0] }, as: UTF8.self))
    }
    let sequence = cursor.varint()
    guard let course = Course(rawValue: cursor.byte()), !cursor.hasFailed else { return nil }
    self.init(
      name: texts[0], address: texts[1], version: texts[2], sequence: sequence, course: course)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    for text in [name, address, version] {
      let bytes = Array(text.utf8.prefix(ClusterHello.textBytesMax))
      writer.append(varint: UInt64(bytes.count))
      writer.append(bytes)
    }
    writer.append(varint: sequence)
    writer.append(course.rawValue)
    return writer.bytes
  }
}
