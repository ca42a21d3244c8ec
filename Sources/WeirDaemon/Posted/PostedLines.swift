import WeirMetrics
import WeirSockets

/// The body of a request, some lines at a time, as a batch of one message.
///
///     body   line ⏎ line ⏎ … line ⏎ │ line ⏎ line ⏎ … │ …
///            └ range(of: 0)         └ after next()
///
/// A batch has no more lines than `RefusalRecord` keeps, so that none of those refused is forgotten.
struct PostedLines: MessageBatch {
  private let body: [UInt8]
  private let sender: MessageSource
  private var range = 0..<0

  /// Before the first lines: `next` goes there.
  init(_ body: [UInt8], from peer: SocketAddress?) {
    self.body = body
    sender = peer.map { .address($0) } ?? .named(StatsDPage.path)
  }

  /// Goes to the next lines.
  ///
  /// - Returns: Whether there are any.
  mutating func next() -> Bool {
    var end = range.upperBound
    var lines = 0
    while end < body.count, lines < RefusalRecord.keptMax {
      if body[end] == 0x0A { lines += 1 }
      end += 1
    }
    range = range.upperBound..<end
    return !range.isEmpty
  }

  var count: Int { 1 }

  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { body.span }
  }

  func range(of index: Int) -> Range<Int> { range }

  func partBytes(of index: Int) -> Int { max(1, range.count) }

  func source(of index: Int) -> MessageSource { sender }

  func message(containing offset: Int) -> Int { 0 }

  /// The push protocol has a page of its own.
  var holdsFrames: Bool { false }

  func answer(_ index: Int, with answer: Span<UInt8>) -> Bool { false }

  func replyAddress(of index: Int) -> SocketAddress? { nil }
}
