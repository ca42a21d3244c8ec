import TestSupport
import Testing

@testable import WeirCapture

/// Hostile files: nothing traps, and everything that comes out was in the file.
@Suite struct CaptureMutationTests {
  /// Reads a file in pieces of random size, to its end or to an error.
  private func check(_ file: [UInt8], _ random: inout SeededGenerator) {
    var reader = CaptureReader()
    var rest = file[...]
    var bytes = 0
    var datagrams = 0
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...400, using: &random))
      rest = rest.dropFirst(piece.count)
      reader.append(piece)
      do {
        while let datagram = try reader.next() {
          bytes += datagram.payload.count
          datagrams += 1
          #expect(datagram.nanoseconds >= 0)
          _ = LineTimes.moved(datagram.payload, bySeconds: Int64(bitPattern: random.next()))
        }
      } catch { return }
    }
    #expect(bytes <= file.count)
    #expect(reader.packets == datagrams + reader.skipped.sum)
  }

  @Test(arguments: LinkType.allCases)
  func `changed bytes, missing bytes and more bytes do not trap`(link: LinkType) {
    var random = SeededGenerator(seed: UInt64(link.rawValue) + 1)
    let file = CaptureSamples.mixed(link: link)
    for _ in 0..<3_000 {
      var changed = file
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
        case 1: changed[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: changed[place] = random.pick([0, 1, 0x7f, 0x80, 0xff])
        case 3: changed.remove(at: place)
        default: changed.insert(contentsOf: random.bytes(count: 3), at: place)
        }
        if changed.isEmpty { changed = [0] }
      }
      check(changed, &random)
    }
  }

  @Test func `random bytes behind a right head do not trap`() {
    var random = SeededGenerator(seed: 99)
    for _ in 0..<2_000 {
      let link = random.pick(LinkType.allCases)
      var frame = random.bytes(count: Int.random(in: 0...120, using: &random))
      // Often enough something that looks like IP.
      if let first = frame.indices.first { frame[first] = random.pick([0x45, 0x4f, 0x60, 0x08]) }
      let file = CaptureSamples.file(link: link.rawValue, [(1, 0, frame)])
      check(file + random.bytes(count: 40), &random)
    }
  }
}
