import Glibc

/// A time after which nobody waits any more.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(milliseconds: Int) {
    end = ContinuousClock.now + .milliseconds(max(0, milliseconds))
  }

  /// How long it still is; 0 if it is over.
  var milliseconds: Int { max(0, Deadline.milliseconds(end - ContinuousClock.now)) }

  var isOver: Bool { milliseconds == 0 }

  static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    // Rounded up, so that a wait of the last part of a millisecond is no busy loop.
    let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int(clamping: seconds) * 1_000 + Int(clamping: part)
  }

  static func pause(milliseconds: Int) { usleep(UInt32(clamping: max(0, milliseconds) * 1_000)) }
}

/// Subjects that only this process knows.
enum NATSInbox {
  static func new() -> String { "_INBOX.\(unique())" }

  /// 22 random digits and lower-case letters.
  static func unique() -> String {
    let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
    return String((0..<22).map { _ in digits[Int.random(in: 0..<digits.count)] })
  }
}
