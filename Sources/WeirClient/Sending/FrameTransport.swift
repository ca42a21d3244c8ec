/// What takes frames on their way, and brings answers back.
protocol FrameTransport: AnyObject {
  /// False where the frame is certainly lost.
  func send(_ frame: [UInt8]) -> Bool

  /// The next datagram that came back; nil when none does for so long.
  func receive(withinMilliseconds: Int) -> [UInt8]?
}
