import TestSupport
import Testing
import WeirBytes

@testable import WeirState

@Suite("A scan of a state file")
struct StateScanTests {
  private let sample = SampleFile.small

  @Test("finds the blocks of a whole file, and their groups")
  func whole() {
    let scan = StateScan(of: sample.bytes)
    #expect(scan.verdict == .whole)
    #expect(scan.version == 1)
    #expect(scan.fileNumber == sample.number)
    #expect(scan.groupCount == 3)
    #expect(scan.committedBytes == sample.bytes.count)
    #expect(scan.spoiledCommits == 0)
    #expect(scan.blocks.map(\.type) == [2, 3, 6, 7, 10, 6])
    #expect(scan.blocks.map(\.group) == [1, 1, 2, 2, 2, 3])
    #expect(scan.payloads(of: sample.bytes) == sample.payloads(groups: 3))
  }

  @Test("finds the groups before a cut, at any byte")
  func cuts() {
    for count in 0..<sample.bytes.count {
      let bytes = Array(sample.bytes[..<count])
      let scan = StateScan(of: bytes)
      let groups = sample.groups.filter { $0.end + SampleFile.commitBytes <= count }
      let end = groups.last.map { last in
        let both = last.end + 2 * SampleFile.commitBytes
        return both <= count ? both : last.end + SampleFile.commitBytes
      }
      let expected: StateScan.Verdict =
        switch end {
        case _ where count == 0: .empty
        case _ where count < 32:
          .damaged("the file ends within its header, after \(count) bytes")
        case nil: .damaged("the file has no commit that can be read")
        case let end?: count == end ? .whole : .tornEnd(bytes: count - end)
        }
      #expect(scan.verdict == expected, "cut at \(count)")
      #expect(scan.groupCount == groups.count, "cut at \(count)")
      #expect(scan.payloads(of: bytes) == sample.payloads(groups: groups.count))
      #expect(scan.spoiledCommits == 0)
    }
  }

  @Test("finds any flipped bit, or does not need it")
  func flips() {
    for bit in 0..<sample.bytes.count * 8 {
      let place = bit / 8
      var bytes = sample.bytes
      bytes[place] ^= 1 << UInt8(bit % 8)
      let scan = StateScan(of: bytes)
      let (verdict, groups) = expected(flipped: place, in: bytes)
      #expect(scan.verdict == verdict, "bit \(bit)")
      #expect(scan.groupCount == groups, "bit \(bit)")
      #expect(scan.payloads(of: bytes) == sample.payloads(groups: groups), "bit \(bit)")
      let isCommit = verdict == .whole && place >= 32
      #expect(scan.spoiledCommits == (isCommit ? 1 : 0), "bit \(bit)")
    }
  }

  private func expected(flipped place: Int, in bytes: [UInt8]) -> (StateScan.Verdict, Int) {
    switch place {
    case ..<8: return (.damaged("the file's first bytes are not those of a state file"), 0)
    case ..<28: return (.damaged("the check sum of the file's header is wrong"), 0)
    case ..<32: return (.whole, 3)
    default: break
    }
    for (index, group) in sample.groups.enumerated() {
      guard let block = group.blocks.first(where: { $0.contains(place) }) else { continue }
      let start = block.lowerBound
      let length = (0..<4).reduce(0) { $0 | Int(bytes[start + 4 + $1]) << (8 * $1) }
      let fits = length <= bytes.count - start - 12
      let what = fits ? "the check sum of a block is wrong" : "no block can be read"
      return (.damaged("\(what) at byte \(start), in group \(index + 1)"), index)
    }
    return (.whole, 3)
  }

  @Test("loses a group only with both of its commits, and only at the end")
  func bothCommits() {
    for (index, group) in sample.groups.enumerated() {
      var bytes = sample.bytes
      bytes[group.end + 20] ^= 1
      bytes[group.end + SampleFile.commitBytes + 20] ^= 1
      let scan = StateScan(of: bytes)
      let start = index == 0 ? 32 : sample.groups[index - 1].end + 2 * SampleFile.commitBytes
      let isLast = index == sample.groups.count - 1
      #expect(
        scan.verdict
          == (isLast
            ? .tornEnd(bytes: bytes.count - start)
            : .damaged(
              "the check sum of a block is wrong at byte \(group.end), in group \(index + 1)")))
      #expect(scan.payloads(of: bytes) == sample.payloads(groups: index))
    }
  }

  @Test("skips blocks that it does not know, and keeps them in its list")
  func unknownTypes() throws {
    var file = SampleFile()
    file.append([(.times, [1])])
    var bytes = file.bytes
    bytes[32] = 0xF0
    var crc = CRC32C()
    let summed = Array(bytes[32..<40] + [1])
    crc.add(summed.span)
    for byte in 0..<4 {
      bytes[40 + byte] = UInt8(truncatingIfNeeded: crc.value >> (8 * UInt32(byte)))
    }
    let scan = StateScan(of: bytes)
    #expect(scan.verdict == .whole)
    #expect(scan.blocks.map(\.type) == [0xF0])
  }

  @Test("tells a later version, and no version at all")
  func versions() {
    for (version, verdict) in [
      (2, StateScan.Verdict.newer(version: 2)), (.max, .newer(version: .max)),
      (0, .damaged("the file's header names version 0")),
    ] as [(UInt32, StateScan.Verdict)] {
      let header = StateHeader.bytes(version: version, fileNumber: 5)
      let bytes = header + sample.bytes.dropFirst(32)
      let scan = StateScan(of: bytes)
      #expect(scan.verdict == verdict)
      #expect(scan.version == version)
      #expect(scan.blocks.isEmpty)
    }
  }

  @Test("knows what is no state file")
  func foreign() {
    for text in ["x", "{\"state\":1}", String(repeating: "#", count: 5_000), "WEIRSTAX"] {
      let bytes = Array(text.utf8)
      #expect(StateScan(of: bytes).verdict == .foreign)
    }
    let zeros = [UInt8](repeating: 0, count: 4_096)
    #expect(StateScan(of: zeros).verdict == .foreign)
    let nothing: [UInt8] = []
    #expect(StateScan(of: nothing).verdict == .empty)
  }

  @Test("does not take the commits of another file, another place or another number")
  func strangers() {
    let other = SampleFile(number: 9)
    var twin = other
    for group in sample.groups {
      twin.append(group.blocks.map { (.values, Array(sample.bytes[$0.dropFirst(12)])) })
    }
    let end = sample.groups[0].end + 2 * SampleFile.commitBytes
    let mixed = Array(sample.bytes[..<end] + twin.bytes[end...])
    let scan = StateScan(of: mixed)
    #expect(scan.verdict == .tornEnd(bytes: mixed.count - end))
    #expect(scan.groupCount == 1)
    // The second group again, at the end: it says another place.
    let again = sample.bytes + sample.bytes[end..<sample.groups[1].end + 104]
    let added = again.count - sample.bytes.count
    #expect(StateScan(of: again).verdict == .tornEnd(bytes: added))
    // The second group is missing: nothing stands where it says.
    let gap = Array(sample.bytes[..<end] + sample.bytes[(sample.groups[1].end + 104)...])
    #expect(StateScan(of: gap).groupCount == 1)
    #expect(StateScan(of: gap).verdict == .tornEnd(bytes: gap.count - end))
  }
}
