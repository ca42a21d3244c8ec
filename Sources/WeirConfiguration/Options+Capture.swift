extension Options {
  /// What `weir record` alone is asked: `Flag.record`. The daemon does not take these flags.
  package struct Record: Sendable, Equatable {
    /// How long to record.
    package var seconds = 60
    /// The longest file in bytes.
    package var bytesMax = 100_000_000
    /// Networks of senders, as written; empty for all senders.
    package var senders: [String] = []
    /// Whether a file that is there may be replaced.
    package var replaces = false

    package init() {}
  }

  /// What `weir replay` alone is asked: `Flag.replay`. The daemon does not take these flags.
  package struct Replay: Sendable, Equatable {
    package var speed = ReplaySpeed.factor(1)
    /// How often the file is sent.
    package var loops = 1
    /// Whether timestamps in lines are moved to the present.
    package var movesTimes = false
    /// The port that datagrams were sent to; nil for all.
    package var port: UInt16?
    /// Whether the file is only described.
    package var isDry = false
    /// The longest time that anything is sent.
    package var seconds = 3_600

    package init() {}
  }
}

/// How fast a recording is sent.
package enum ReplaySpeed: Sendable, Equatable {
  /// So many times as fast as it was recorded; above 0.
  case factor(Double)
  /// As fast as the receiver takes it.
  case max

  /// The greatest factor, and the reciprocal of the least.
  static let factorMax = 1_000_000.0

  /// Reads `max`, or a decimal number such as `10` or `0.5`.
  static func parse(_ text: String) throws(UsageError) -> ReplaySpeed {
    if text == "max" { return .max }
    let isPlain = text.utf8.allSatisfy {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".")
    }
    guard isPlain, text.utf8.count <= 16, let factor = Double(text),
      1 / factorMax...factorMax ~= factor
    else {
      throw UsageError(
        "--speed: \(text.quoted) is not a speed; write how many times as fast as recorded, such as 1, 10 "
          + "or 0.5, or max")
    }
    return .factor(factor)
  }

  /// As `parse` reads it.
  package var text: String {
    switch self {
    case .max: "max"
    case .factor(let factor): factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
    }
  }
}
