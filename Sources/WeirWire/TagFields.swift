import WeirBytes
import WeirMetrics

/// Where the DogStatsD tags and the container id of a sample are.
///
///     k:v,l:w                  tags alone: a sample's tags are the content of its field `#`
///     |#k:v,l:w|c:ci-1234      with a container id that becomes a label: whole fields, each with
///                              the `|` before it, in any order, and others may be among them
///
/// A tag can't contain a `|`, so that the first byte distinguishes the two.
struct TagFields {
  private(set) var tags = 0..<0
  private(set) var container = 0..<0

  init(_ sample: Sample, in bytes: Span<UInt8>) {
    let start = Int(sample.tagsStart)
    let end = start + Int(sample.tagsLength)
    guard end > start else { return }
    guard bytes[start] == UInt8(ascii: "|") else {
      tags = start..<end
      return
    }
    var field = start + 1
    while field < end {
      let next = bytes.firstIndex(of: BytePattern(UInt8(ascii: "|")), from: field, to: end)
      if bytes[field] == UInt8(ascii: "#") {
        tags = field + 1..<next
      } else if next > field + 1, bytes[field] == UInt8(ascii: "c"),
        bytes[field + 1] == UInt8(ascii: ":")
      {
        container = field + 2..<next
      }
      field = next + 1
    }
  }
}
