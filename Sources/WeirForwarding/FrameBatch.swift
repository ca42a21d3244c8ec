import WeirPush

/// Frames one after another, with what is needed to recognise the answers to them.
package struct FrameBatch: Sendable {
  /// A frame by its instance and sequence, as its answer names it.
  package struct Name: Sendable, Hashable {
    package let instance: UInt64
    package let sequence: UInt64

    package init(instance: UInt64, sequence: UInt64) {
      self.instance = instance
      self.sequence = sequence
    }
  }

  package internal(set) var bytes: [UInt8] = []
  /// Where each frame ends.
  package internal(set) var ends: [Int] = []
  package internal(set) var names: [Name] = []
  /// The frames that count as an application's, whatever they say, by their place: their key may not forward. Nearly
  /// always empty.
  package internal(set) var restricted: Set<Int> = []
  /// Records of all frames, without those that say who sends.
  package internal(set) var records = 0

  package init() {}

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }

  package func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  package mutating func append(
    _ frame: some Collection<UInt8>, _ name: Name, isRestricted: Bool = false
  ) {
    if isRestricted { restricted.insert(count) }
    bytes.append(contentsOf: frame)
    ends.append(bytes.count)
    names.append(name)
  }

  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    restricted = []
    records = 0
  }
}
