import WeirSockets

/// How frames are answered that can't be answered when they are received.
enum LaterAnswers: Sendable {
  /// After a commit.
  case committed(CommittedAnswers)
  /// When the next hop has answered.
  case relayed(AnswerSocket)
}
