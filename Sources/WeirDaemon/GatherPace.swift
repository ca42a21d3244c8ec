/// Decides what a receiver waits for: the socket's next event under low load, a tick of a timer
/// under high load.
///
/// A wake-up costs as much as several datagrams. At a tick, all datagrams since the last tick are
/// received in full batches, which also cost the kernel half as much.
struct GatherPace {
  /// What the next receive waits for.
  enum Wait: Equatable {
    case event
    case tick
  }

  /// The time between ticks, which is the longest that a sample waits. Zero: never use ticks.
  let tickNanoseconds: UInt64

  private(set) var wait = Wait.event
  private var windowStart: UInt64 = 0
  private var windowCount = 0

  /// Ticks are used from this many datagrams within the time of a tick.
  static let datagramsToBegin = 4
  /// Ticks end when one finds fewer datagrams than this.
  static let datagramsToStay = 2

  /// The greatest rate at which a flood fills a receive buffer, in bytes a second as the kernel
  /// counts: a core delivers 0.5 million small datagrams a second on loopback, each counted as
  /// 1,280 bytes.
  static let floodBytesPerSecond = 640_000_000

  /// - Parameters:
  ///   - longestNanoseconds: The longest that a sample may wait.
  ///   - bufferBytes: The receive buffer as the kernel granted it (it holds twice as much, as the kernel
  ///     counts). Ticks are so frequent that a sudden flood fills no more than half of it.
  init(longestNanoseconds: UInt64, bufferBytes: Int) {
    let fillNanoseconds = UInt64(bufferBytes) * 1_000_000_000 / UInt64(Self.floodBytesPerSecond)
    tickNanoseconds = min(longestNanoseconds, fillNanoseconds)
  }

  /// What to wait for after a receive that has emptied the socket.
  ///
  /// - Parameter now: Nanoseconds of a monotonic clock.
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
