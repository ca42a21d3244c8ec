/// What a Weir keeps of the frames that it passes on.
package struct RelayLimits: Sendable {
  /// Frames that wait for the next hop's answer, or were answered moments ago. More are passed on once and not
  /// kept: a client repeats what is not confirmed.
  package var framesMax = 65_536
  /// Names of frames that were passed on once and not kept. Without its name, a frame could go round in a circle
  /// of Weirs, so more are dropped.
  package var namesMax = 65_536
  /// Bytes of the frames that wait.
  package var bytesMax = 32 << 20
  /// Clients that wait for the answer to one frame: a client repeats a frame from the same address.
  package var repliesMax = 4
  /// Milliseconds after the first sending at which a frame is sent again.
  package var retryMilliseconds: [UInt64] = [300, 1_000, 3_000]
  /// When a frame is given up, and for how long an answered one is remembered.
  package var rememberedMilliseconds: UInt64 = 6_000

  package init() {}
}
