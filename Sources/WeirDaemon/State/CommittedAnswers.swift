import WeirSockets

/// Answers the frames of a socket after a commit that contains them.
///
/// A frame is answered where nothing can be lost any more. A Weir that relays frames answers when the next
/// hop has answered, at this same place.
struct CommittedAnswers: Sendable {
  let keeper: StateKeeper
  let socket: AnswerSocket
  let meter: PushMeter

  /// - Precondition: the frame has been applied.
  func send(_ answer: PushAnswer, to address: SocketAddress) {
    keeper.commit(
      thenSend: PushReply(bytes: answer.bytes, address: address, socket: socket, meter: meter))
  }
}
