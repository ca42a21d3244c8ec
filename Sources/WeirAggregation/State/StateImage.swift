import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

/// What a state file says, after all its committed groups: series with their values in columns,
/// owners, help and units. It is read with `Owners.restore`, `StateDump` and `StateSummary`.
///
/// Everything in the file is checked, because a byte can be wrong before its check sum is computed.
package struct StateImage: Sendable {
  /// The file. Spellings and owners stay there.
  let bytes: [UInt8]
  /// Why the file cannot be used, as one sentence without a remedy; nil if it can.
  package internal(set) var damage: String?
  /// The number of groups that were committed.
  package internal(set) var groupCount = 0
  package internal(set) var times: StateTimes?
  /// The key of the fingerprints.
  package internal(set) var key: KeyStream?
  package internal(set) var forwarder: StateForwarder?
  /// Where in the log of a cluster the state is; nil if it is none of a cluster.
  package internal(set) var cluster: StateCluster?

  /// The series, by class and shard.
  var tables: [StateTable] = []
  /// Where the last block about each instance is.
  var owners: [InstanceID: OwnerBlock] = [:]
  /// Help and units by the name of their metric, in the order in which the names first arrived.
  var metas: [(name: [UInt8], meta: FamilyMeta)] = []

  /// The classes by number, as far as they are known.
  var classes: [Int: StateClass] = [:]
  /// The index in `tables` by class and shard.
  var tablePlaces: [Int: Int] = [:]
  var metaPlaces: [[UInt8]: Int] = [:]
  /// Where the last block about each pushed group is, by the bytes of its key.
  var groups: [[UInt8]: Range<Int>] = [:]

  /// Where the blocks about pushes to CloudWatch are, from the last one that says everything.
  var cloudWatch: [Range<Int>] = []

  /// The last block about an instance.
  struct OwnerBlock: Sendable {
    let payload: Range<Int>
    /// The clock in `times` of its group.
    let second: UInt32
    /// When the last frame of the instance arrived.
    var lastSecond: UInt32 = 0
  }

  /// What the last blocks about pushed groups say.
  package var groupPayloads: [[UInt8]] {
    groups.values.sorted { $0.lowerBound < $1.lowerBound }.map { Array(bytes[$0]) }
  }

  /// The blocks about pushes to CloudWatch, in order.
  package var cloudWatchPayloads: [[UInt8]] { cloudWatch.map { Array(bytes[$0]) } }

  package var seriesCount: Int { tables.reduce(0) { $0 + $1.liveCount } }
  package var ownerCount: Int { owners.count }
  package var byteCount: Int { bytes.count }

  /// - Parameters:
  ///   - scan: What was found in `bytes`.
  ///   - bytes: The whole file.
  /// - Complexity: O(bytes), in time and in memory.
  package init(_ scan: StateScan, _ bytes: [UInt8]) {
    self.init(blocks: scan.blocks, bytes)
    groupCount = scan.groupCount
  }

  init(blocks: [StateScan.Block], _ bytes: [UInt8]) {
    self.bytes = bytes
    groupCount = Int(blocks.last?.group ?? 0)
    damage = replay(blocks)
  }
}

/// The instance as which this Weir forwards: the `forwarder` block.
package struct StateForwarder: Sendable, Equatable {
  package var id: InstanceID
  package var nextSequence: UInt64
  /// Where the state lives.
  package var place: String
  /// The age of the instance at the commit, in milliseconds.
  package var ageMilliseconds: UInt64

  package init(
    id: InstanceID, nextSequence: UInt64, place: String, ageMilliseconds: UInt64 = 0
  ) {
    self.ageMilliseconds = ageMilliseconds
    self.id = id
    self.nextSequence = nextSequence
    self.place = place
  }
}

/// A class as the file describes it.
struct StateClass: Sendable, Equatable {
  let seriesClass: SeriesClass
  /// Whether its bounds are a client's.
  let isPushed: Bool
}
