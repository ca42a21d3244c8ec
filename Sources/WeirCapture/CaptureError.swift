/// Why a file can't be read as a capture.
package enum CaptureError: Error, Equatable, CustomStringConvertible {
  /// It begins with other bytes, or ends within its head.
  case notCapture
  /// It is pcapng, the newer format of Wireshark.
  case pcapng
  /// It is compressed with gzip.
  case compressed
  /// Its frames are of a kind that is not read here.
  case linkType(UInt32)
  /// A record has a length that no packet has. `offset` is its place in the file.
  case damaged(offset: Int)

  /// The rest of a sentence that begins with the file's name.
  package var description: String {
    switch self {
    case .notCapture: "is not a pcap file; give one that weir record or tcpdump -w has written"
    case .pcapng:
      "is a pcapng file; convert it: tcpdump -r OLD -w NEW, or editcap -F pcap OLD NEW"
    case .compressed: "is compressed with gzip; unpack it with gunzip"
    case .linkType(let number):
      "has frames of link type \(number), which is not supported; capture with tcpdump -i any"
    case .damaged(let offset):
      "is damaged at byte \(offset): the length of this packet is impossible; use the part before it "
        + "(tcpdump -r OLD -w NEW), or record again"
    }
  }
}
