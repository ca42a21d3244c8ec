import WeirSockets

/// What waits for a commit.
enum StateWaiting: Sendable {
  /// A scrape, or the answer of a page.
  case task(CheckedContinuation<StateVerdict, Never>)
  /// An answer to a frame.
  case answer(PushReply)
}

/// An answer to a frame that is sent later.
struct PushReply: Sendable {
  let bytes: [UInt8]
  let address: SocketAddress
  /// A duplicate of the socket that received the frame.
  let socket: AnswerSocket
  let meter: PushMeter

  func send() { meter.addAnswer(isSent: socket.send(bytes.span, to: address)) }
}
