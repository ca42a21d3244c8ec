/// Decides how a receiver waits: for the socket's next event where little comes, for a tick of a
/// timer where much does.
///
/// A wake-up costs as much as several datagrams. At a tick everything that has gathered since the
/// last is taken in full batches, which the kernel hands out at half the price, too.
struct GatherPace {
  /// What the next turn waits for.
  enum Wait: Equatable {
    case event
    case tick
  }

  /// From tick to tick; no sample waits longer for its turn. Zero: every turn waits for an event.
  let tickNanoseconds: UInt64

  private(set) var wait = Wait.event
  private var windowStart: UInt64 = 0
  private var windowCount = 0

  /// Datagrams within the time of a tick from which on ticks are used.
  static let datagramsToBegin = 4
  /// A tick that finds fewer was not worth it.
  static let datagramsToStay = 2

  /// How fast a flood fills a receive buffer at most, in bytes a second as the kernel counts them:
  /// a core delivers 0.5 million small datagrams a second on loopback, each counted as 1,280 bytes.
  static let floodBytesPerSecond = 640_000_000

  /// - Parameters:
  ///   - longestNanoseconds: What a sample may wait.
  ///   - bufferBytes: The receive buffer as the kernel granted it (it holds twice as much, in its
  ///     own count). Ticks are so close that a flood from nowhere fills no more than half of it.
  init(longestNanoseconds: UInt64, bufferBytes: Int) {
    let fillNanoseconds = UInt64(bufferBytes) * 1_000_000_000 / UInt64(Self.floodBytesPerSecond)
    tickNanoseconds = min(longestNanoseconds, fillNanoseconds)
  }

  /// What to wait for after a turn that has emptied the socket.
  ///
  /// - Parameter now: Nanoseconds of a clock that only goes forward.
  mutating func turnEnded(datagrams: Int, now: UInt64) -> Wait {
    switch wait {
    case .tick:
      if datagrams < Self.datagramsToStay {
        wait = .event
        windowCount = 0
      }
    case .event:
      if now &- windowStart > tickNanoseconds {
        windowStart = now
        windowCount = 0
      }
      windowCount += datagrams
      if tickNanoseconds > 0, windowCount >= Self.datagramsToBegin { wait = .tick }
    }
    return wait
  }
}
