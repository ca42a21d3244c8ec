import TestSupport
import WeirBytes

@testable import WeirState

/// A state file that is put together without `StateFile`, and where everything in it is.
struct SampleFile {
  struct Group {
    /// The blocks with their heads.
    var blocks: [Range<Int>] = []
    /// Where the first of the two commits is.
    var end = 0
  }

  static let commitBytes = 52
  private(set) var bytes: [UInt8]
  private(set) var groups: [Group] = []
  let number: UInt64

  init(number: UInt64 = 0x1122_3344_5566_7788) {
    self.number = number
    bytes = StateHeader.bytes(fileNumber: number)
  }

  /// Three groups without sectors of zeros.
  static let small: SampleFile = {
    var generator = SeededGenerator(seed: 7)
    var file = SampleFile()
    file.append([(.times, generator.bytes(count: 30)), (.key, generator.bytes(count: 17))])
    file.append([(.values, generator.bytes(count: 41)), (.removed, []), (.meta, [1])])
    file.append([(.values, generator.bytes(count: 9))])
    return file
  }()

  mutating func append(_ payloads: [(StateBlockType, [UInt8])]) {
    var group = Group()
    let start = bytes.count
    for (type, payload) in payloads {
      var blocks = StateBlocks()
      blocks.append(type) { $0.append(payload) }
      group.blocks.append(bytes.count..<bytes.count + blocks.byteCount)
      bytes += blocks.bytes
    }
    group.end = bytes.count
    groups.append(group)
    var commits = StateBlocks()
    let commit = StateCommit(
      fileNumber: number, group: UInt64(groups.count), start: UInt64(start),
      end: UInt64(group.end))
    commit.append(to: &commits)
    commit.append(to: &commits)
    bytes += commits.bytes
  }

  /// The payloads of the first groups.
  func payloads(groups count: Int) -> [[UInt8]] {
    groups.prefix(count).flatMap(\.blocks).map { Array(bytes[$0.dropFirst(12)]) }
  }
}

extension StateScan {
  /// Reads an array; a macro can't take a span apart.
  init(of bytes: [UInt8]) { self.init(bytes.span) }

  /// The payloads that it found in `bytes`.
  func payloads(of bytes: [UInt8]) -> [[UInt8]] { blocks.map { Array(bytes[$0.payload]) } }
}
