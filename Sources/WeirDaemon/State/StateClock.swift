// Safety: clock_gettime(2) writes to a local value of its own type.

import Glibc

/// The clocks that a state file is tied to, at one moment.
struct StateClock: Sendable, Equatable {
  /// Since 1970.
  var wallMilliseconds: UInt64
  /// Since the machine booted, including time in which it was suspended.
  var bootMilliseconds: UInt64
  /// Which boot that is: 16 bytes, all zero if it is not known.
  var bootID: [UInt8]

  static let unknownBoot = [UInt8](repeating: 0, count: 16)

  /// The clocks of this machine.
  ///
  /// - Parameter bootID: What `readBootID` has read, because it never changes.
  static func now(bootID: [UInt8]) -> StateClock {
    StateClock(
      wallMilliseconds: milliseconds(CLOCK_REALTIME),
      bootMilliseconds: milliseconds(CLOCK_BOOTTIME),
      bootID: bootID)
  }

  private static func milliseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return UInt64(clamping: time.inMilliseconds)
  }

  /// The 16 bytes of a boot id such as `3e0b7d0c-5c5f-4a39-9a5a-0c4a5f8f5b1e`; zeros if it is not one.
  static func bootID(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != "-" && !$0.isWhitespace }
    guard digits.utf8.count == 32, digits.allSatisfy(\.isHexDigit) else { return unknownBoot }
    var bytes: [UInt8] = []
    var rest = digits[...]
    while let byte = UInt8(rest.prefix(2), radix: 16), bytes.count < 16 {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}

/// How long no Weir was running, as far as the clocks tell.
enum StateDowntime: Sendable, Equatable {
  case lasted(milliseconds: UInt64)
  /// A clock has been set, so that nobody knows. The sentence says how.
  case unknown(String)

  /// Longer than any pause from which a state is of use.
  private static let yearsMax = 10
  private static let millisecondsMax: Int64 = Int64(yearsMax) * 365 * 86_400_000
  /// Two readings of clocks may be this far apart.
  private static let slackMilliseconds: Int64 = 1_000

  /// - Parameters:
  ///   - last: The clocks at the last commit.
  ///   - now: The clocks at this start.
  init(since last: StateClock, until now: StateClock) {
    let isSameBoot = last.bootID == now.bootID && now.bootID != StateClock.unknownBoot
    let elapsed =
      isSameBoot
      ? Int64(clamping: now.bootMilliseconds) - Int64(clamping: last.bootMilliseconds)
      : Int64(clamping: now.wallMilliseconds) - Int64(clamping: last.wallMilliseconds)
    if elapsed < -StateDowntime.slackMilliseconds {
      self = .unknown(
        "the last commit is \(-elapsed / 1_000) s in the future; the clock was set back since")
    } else if elapsed > StateDowntime.millisecondsMax {
      self = .unknown(
        "the last commit is more than \(StateDowntime.yearsMax) years ago; the clock was wrong then, or is now"
      )
    } else {
      self = .lasted(milliseconds: UInt64(max(0, elapsed)))
    }
  }
}
