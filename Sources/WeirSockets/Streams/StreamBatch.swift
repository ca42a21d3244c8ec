/// Messages of one connection: bytes that were read from it, and the ranges of the whole messages among
/// them.
///
///     data     │ message 0 …│ message 1 …│ unfinished │ stale bytes │
///                                                     └ after the last read
///
/// It is reused: what is read next overwrites it.
package struct StreamBatch: ~Copyable, MessageBatch {
  /// The bytes. A read puts them at the start.
  package var data: [UInt8]
  /// The messages, in their order.
  package internal(set) var ranges: [Range<Int>] = []
  /// Who sent them.
  package var sender: MessageSource

  package init(data: [UInt8] = [], sender: MessageSource = .named("")) {
    self.data = data
    self.sender = sender
  }

  package var count: Int { ranges.count }

  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { data.span }
  }

  package func range(of index: Int) -> Range<Int> { ranges[index] }

  package func partBytes(of index: Int) -> Int { max(1, ranges[index].count) }

  package func source(of index: Int) -> MessageSource { sender }

  /// - Complexity: O(log `count`).
  package func message(containing offset: Int) -> Int {
    var (low, high) = (0, ranges.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if ranges[middle].lowerBound <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// A stream carries text only: frames have HTTP, where their answers come back.
  package var holdsFrames: Bool { false }

  package func answer(_ index: Int, with answer: Span<UInt8>) -> Bool { false }

  package func replyAddress(of index: Int) -> SocketAddress? { nil }
}
