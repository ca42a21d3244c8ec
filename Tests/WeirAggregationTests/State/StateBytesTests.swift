import Dispatch
import Foundation
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

/// A small file that the real writer has written to a directory: four commits, and a fifth group
/// without its commit.
private struct CommittedFile: Sendable {
  /// What a server had at a commit.
  struct Moment: Equatable, Sendable {
    var contents: [String: String]
    var instances: [UInt64: String]
  }

  private(set) var bytes: [UInt8] = []
  /// What was there at each commit, and where both copies of the commit end.
  private(set) var moments: [(moment: Moment, end: Int)] = []

  static let groups: [StateTraffic.Step] = [
    StateTraffic.Step(
      lines: ["a:3|c", "g:4.5|g", "h:0.5|h"],
      frames: [
        Pushed(
          instance: 1, sequence: 1,
          records: [PushedRecord("p", .counter(10)), PushedRecord("q", .gauge(2, .sum))])
      ], seconds: 1),
    StateTraffic.Step(
      lines: ["a:2|c", "s:x|s"],
      frames: [Pushed(instance: 1, sequence: 2, records: [PushedRecord("p", .counter(12))])],
      seconds: 2),
    StateTraffic.Step(
      lines: ["a:1|c|#new:1"],
      frames: [
        Pushed(instance: 2, sequence: 1, records: [PushedRecord("q", .gauge(3, .sum))])
      ], seconds: 1),
    StateTraffic.Step(lines: ["a:1|c", "h:700|h"], frames: [], seconds: 1),
    StateTraffic.Step(lines: ["a:100|c", "late:1|c"], frames: [], seconds: 1),
  ]

  init() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let aggregator = Aggregator(
      rules: .all(bounds: HistogramBounds(upper: [1, 10])), unixSeconds: { 700 })
    var rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var writer = StateWriter(owners: rig.server.owners)
    let directory = try StateDirectory.open(path)
    var file = try StateFile.create(in: directory, number: 0x0102_0304_0506_0708)
    for (index, step) in CommittedFile.groups.enumerated() {
      rig.take(step)
      var blocks = StateBlocks()
      _ = writer.writeChanges(times: StateTimes(second: rig.second), into: &blocks)
      try file.append(blocks.bytes)
      guard index < CommittedFile.groups.count - 1 else { break }
      try file.commit()
      if index == 0 { try file.publish() }
      moments.append(
        (Moment(contents: rig.contents, instances: rig.instances), file.byteCount))
    }
    bytes = try directory.read() ?? []
  }

  var committed: Int { moments.last?.end ?? 0 }

  /// What the start of a Weir makes of some bytes: all that it restores, or nil.
  static func start(_ bytes: [UInt8]) -> (image: StateImage, scan: StateScan)? {
    let scan = StateScan(bytes.span)
    switch scan.verdict {
    case .whole, .tornEnd: break
    case .damaged, .newer, .foreign, .empty: return nil
    }
    let image = StateImage(scan, bytes)
    return image.damage == nil ? (image, scan) : nil
  }

  static func restored(_ image: StateImage) -> Moment {
    let again = StateRoundTripTests.restored(
      image, .all(bounds: HistogramBounds(upper: [1, 10])), shards: 1)
    return Moment(contents: again.rig.contents, instances: again.rig.instances)
  }
}

/// *Bytes*: whatever becomes of the file, Weir restores values that it has committed, or none.
@Suite("A state file with damage, byte by byte")
struct StateBytesTests {
  @Test("gives back what was committed last, and nothing else")
  func whole() throws {
    let file = try CommittedFile()
    #expect(file.moments.count == 4)
    #expect(Set(file.moments.map(\.moment.contents)).count == 4)
    #expect(file.bytes.count > file.committed)
    let start = try #require(CommittedFile.start(file.bytes))
    let restored = CommittedFile.restored(start.image)
    #expect(restored == file.moments.last?.moment)
    #expect(restored.contents.count == 7)
    #expect(restored.instances.count == 2)
  }

  @Test("cut anywhere gives back the last commit before the cut")
  func cut() throws {
    let file = try CommittedFile()
    let wrong = Locked<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: file.bytes.count + 1) { count in
      let known = file.moments.last { $0.end - StateCommit.byteCount <= count }
      let start = CommittedFile.start(Array(file.bytes.prefix(count)))
      if start.map({ CommittedFile.restored($0.image) }) != known?.moment {
        wrong.withLock { $0.append(count) }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }

  @Test("with any bit flipped gives back all of the last commit, or nothing")
  func flips() throws {
    let file = try CommittedFile()
    let (good, last) = (StateScan(file.bytes.span), file.moments.last?.moment)
    let committed = file.committed
    let outcome = Locked((wrong: [Int](), nothing: 0, all: 0))
    DispatchQueue.concurrentPerform(iterations: file.bytes.count) { place in
      var (nothing, all, isWrong) = (0, 0, false)
      var bytes = file.bytes
      for bit in 0..<8 {
        bytes[place] ^= 1 << bit
        defer { bytes[place] ^= 1 << bit }
        guard let start = CommittedFile.start(bytes) else {
          nothing += 1
          // What is not committed must not cost what is.
          if place >= committed { isWrong = true }
          continue
        }
        all += 1
        // The same blocks with the same bytes give the same state, so that one bit of a byte is enough.
        let isSame =
          start.scan.blocks == good.blocks
          && good.blocks.allSatisfy { !$0.payload.contains(place) }
        if !isSame || bit == place % 8 && CommittedFile.restored(start.image) != last {
          isWrong = true
        }
      }
      outcome.withLock {
        if isWrong { $0.wrong.append(place) }
        $0.nothing += nothing
        $0.all += all
      }
    }
    let (wrong, nothing, all) = outcome.withLock { $0 }
    #expect(wrong == [])
    // Both copies of four commits, the last word of the header, and what is not committed.
    let harmless = 4 * 2 * StateCommit.byteCount + 4 + file.bytes.count - committed
    #expect(all == 8 * harmless)
    #expect(nothing == 8 * (file.bytes.count - harmless))
  }
}
