/// Sends frames and receives answers.
protocol FrameTransport: AnyObject {
  /// Sends a frame; false if it is certainly lost.
  func send(_ frame: [UInt8]) -> Bool

  /// Waits for the next answer; nil after the timeout.
  func receive(withinMilliseconds: Int) -> [UInt8]?
}
