/// Messages that were received together, in one buffer: the datagrams of a call, the lines of a stream, or
/// the body of a request.
///
///     bytes    │ message 0 …│     │ message 1 …  │    │ message 2 …│
///              └ range(of: 0)     └ range(of: 1)      └ range(of: 2)
///
/// A message may hold several parts of the same length of one source: datagrams that the kernel handed over
/// in one piece.
package protocol MessageBatch: ~Copyable {
  /// Messages of the batch.
  var count: Int { get }

  /// The whole buffer.
  var bytes: Span<UInt8> { @_lifetime(borrow self) get }

  /// The range of a message in `bytes`.
  func range(of index: Int) -> Range<Int>

  /// The number of bytes of each part of a message except the last; if there is one part, all its bytes. At
  /// least 1.
  func partBytes(of index: Int) -> Int

  /// The source of a message.
  func source(of index: Int) -> MessageSource

  /// The message that holds an offset of `bytes`.
  func message(containing offset: Int) -> Int

  /// Whether a message may be a frame of the push protocol. Otherwise all of them are text.
  var holdsFrames: Bool { get }

  /// Sends an answer to the source of a message, without waiting.
  ///
  /// - Returns: Whether it was accepted for sending. False if the source can't be answered.
  func answer(_ index: Int, with answer: Span<UInt8>) -> Bool

  /// Where an answer to a message can be sent later, by an `AnswerSocket`, when the batch holds other messages;
  /// nil if the source can't be answered.
  func replyAddress(of index: Int) -> SocketAddress?
}

extension MessageBatch where Self: ~Copyable {
  package var holdsFrames: Bool { true }
}

/// The source of a message.
package enum MessageSource: Sendable, Equatable, CustomStringConvertible {
  case address(SocketAddress)
  /// A source without an address, by what it is called, such as a socket's path.
  case named(String)

  package var description: String {
    switch self {
    case .address(let address): address.description
    case .named(let name): name
    }
  }

  /// The address without its port, or what the source is called.
  package var host: String {
    switch self {
    case .address(let address): address.host
    case .named(let name): name
    }
  }

  /// Nil where it has none.
  package var address: SocketAddress? {
    if case .address(let address) = self { address } else { nil }
  }
}
