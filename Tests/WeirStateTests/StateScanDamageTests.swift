import TestSupport
import Testing

@testable import WeirState

@Suite("A scan of a state file, whatever was done to it,")
struct StateScanDamageTests {
  /// A file whose last group has blocks of many sectors.
  private func file(_ generator: inout SeededGenerator) -> SampleFile {
    var file = SampleFile()
    for _ in 0..<Int.random(in: 2...4, using: &generator) {
      file.append(
        (0..<Int.random(in: 1...3, using: &generator)).map { _ in
          (.values, generator.bytes(count: Int.random(in: 0...3_000, using: &generator)))
        })
    }
    return file
  }

  @Test("drops a last group of which power failure left any sectors out")
  func powerFailure() {
    var generator = SeededGenerator(seed: 41)
    var torn = 0
    for _ in 0..<600 {
      let file = file(&generator)
      let count = file.groups.count
      let start = file.groups[count - 2].end + 2 * SampleFile.commitBytes
      var bytes = file.bytes
      // Each sector was written whole or not at all, in any order.
      for sector in stride(from: start / 512 * 512, to: bytes.count, by: 512)
      where generator.oneIn(3) {
        for index in max(sector, start)..<min(sector + 512, bytes.count) { bytes[index] = 0 }
      }
      if generator.oneIn(4) {
        bytes.removeLast(Int.random(in: 0...bytes.count - start, using: &generator))
      }
      let scan = StateScan(of: bytes)
      if scan.groupCount == count {
        #expect(scan.payloads(of: bytes) == file.payloads(groups: count))
      } else {
        torn += 1
        #expect(scan.groupCount == count - 1)
        #expect(scan.payloads(of: bytes) == file.payloads(groups: count - 1))
        let isWhole = bytes.count == start
        #expect(scan.verdict == (isWhole ? .whole : .tornEnd(bytes: bytes.count - start)))
      }
    }
    #expect(torn > 100)
  }

  @Test("calls a missing sector damage if a later group was committed, or if there is no other")
  func missingSector() {
    var generator = SeededGenerator(seed: 42)
    var file = SampleFile()
    for _ in 0..<3 { file.append([(.values, generator.bytes(count: 3_000))]) }
    let verdicts = (0..<3).map { group in
      var bytes = file.bytes
      let block = file.groups[group].blocks[0]
      let sector = (block.lowerBound + 1_000) / 512 * 512
      for index in sector..<sector + 512 { bytes[index] = 0 }
      return StateScan(of: bytes).verdict
    }
    let places = file.groups.map { $0.blocks[0].lowerBound }
    let start = file.groups[1].end + 104
    #expect(
      verdicts == [
        .damaged("the check sum of a block is wrong at byte \(places[0]), in group 1"),
        .damaged("the check sum of a block is wrong at byte \(places[1]), in group 2"),
        .tornEnd(bytes: file.bytes.count - start),
      ])
  }

  @Test("calls a flipped bit damage although another block of the group has zeros")
  func zerosElsewhere() {
    var file = SampleFile()
    file.append([(.times, [1])])
    var generator = SeededGenerator(seed: 43)
    file.append([
      (.sets, [UInt8](repeating: 0, count: 4_096)), (.values, generator.bytes(count: 3_000)),
    ])
    var bytes = file.bytes
    let place = file.groups[1].blocks[1].lowerBound
    bytes[place + 100] ^= 4
    let scan = StateScan(of: bytes)
    #expect(
      scan.verdict == .damaged("the check sum of a block is wrong at byte \(place), in group 2"))
    let intact = file.bytes
    #expect(StateScan(of: intact).verdict == .whole)
  }

  @Test("finds first groups of the file, and nothing else")
  func mutations() {
    var generator = SeededGenerator(seed: 44)
    for _ in 0..<3_000 {
      let file = SampleFile.small
      var bytes = file.bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        mutate(&bytes, &generator)
      }
      let scan = StateScan(of: bytes)
      #expect(scan.groupCount <= 3)
      #expect(scan.payloads(of: bytes) == file.payloads(groups: scan.groupCount))
      #expect(scan.committedBytes <= bytes.count)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let low = Int.random(in: bytes.indices, using: &generator)
    let range = low..<Int.random(in: low...min(bytes.count, low + 200), using: &generator)
    let part = Array(bytes[range])
    switch Int.random(in: 0...5, using: &generator) {
    case 0: bytes.removeSubrange(range)
    case 1: bytes.insert(contentsOf: part, at: Int.random(in: bytes.indices, using: &generator))
    case 2: bytes.replaceSubrange(range, with: generator.bytes(count: part.count))
    case 3: bytes.replaceSubrange(range, with: [UInt8](repeating: 0xFF, count: part.count))
    case 4: bytes.replaceSubrange(range, with: part.reversed())
    default: bytes[low] = UInt8.random(in: 0...255, using: &generator)
    }
  }

  @Test("takes bytes that are made to cost time")
  func hostile() {
    let header = StateHeader.bytes(fileNumber: 1)
    let marks = [UInt8](repeating: 0, count: 12) + Array("WRCOMMIT".utf8)
    let commitHead: [UInt8] = [1, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0] + Array("WRCOMMIT".utf8)
    let longHead: [UInt8] = [6, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0]
    for unit in [marks, commitHead, longHead, Array("W".utf8), Array("WRCOMMIT".utf8)] {
      let body = Array(repeatElement(unit, count: (1 << 20) / unit.count).joined())
      let (only, appended) = (header + body, SampleFile.small.bytes + body)
      let scan = StateScan(of: only)
      #expect(scan.verdict == .damaged("the file has no commit that can be read"))
      #expect(StateScan(of: body).verdict == .foreign)
      let after = StateScan(of: appended)
      #expect(after.verdict == .tornEnd(bytes: body.count))
    }
  }
}
