// Safety: write(2) reads a buffer that `withUTF8` keeps alive for the call, and
// never past its count; poll(2) and clock_gettime(2) write to a local value of their own type.

import Glibc
import Synchronization
import WeirConfiguration

/// The log: one event a line, each line one write(2), so that lines of several threads never mix.
///
/// A line begins with `ts`, `level` and `msg`; the event's fields follow in the order given.
/// No text can break its line or forge another field: what needs it is quoted and escaped.
/// A line that the descriptor does not take whole is lost, and counted; the log never stops the
/// daemon. (A pipe whose reader is gone raises SIGPIPE, which the daemon has to ignore.)
package struct Log: Sendable {
  private let level: LogLevel
  private let format: LogFormat
  private let descriptor: Int32
  private let now: @Sendable () -> timespec
  private let lost = LostLines()

  /// - Parameters:
  ///   - level: Events that matter less than this are not written.
  ///   - descriptor: Where lines are written; the log does not close it.
  ///   - now: The time of an event, read once a line.
  package init(
    level: LogLevel, format: LogFormat, descriptor: Int32 = STDERR_FILENO,
    now: @escaping @Sendable () -> timespec = { Log.wallClock() }
  ) {
    self.level = level
    self.format = format
    self.descriptor = descriptor
    self.now = now
  }

  /// An event's own data. Keys are literals, so that no input can become one.
  package typealias Fields = KeyValuePairs<StaticString, Value>

  package func debug(_ message: String, _ fields: Fields = [:]) {
    write(.debug, message, fields)
  }

  package func info(_ message: String, _ fields: Fields = [:]) {
    write(.info, message, fields)
  }

  package func warn(_ message: String, _ fields: Fields = [:]) {
    write(.warn, message, fields)
  }

  package func error(_ message: String, _ fields: Fields = [:]) {
    write(.error, message, fields)
  }

  /// Whether events that matter so much are written: for what is costly to put together.
  package func writes(_ level: LogLevel) -> Bool { level >= self.level }

  private func write(_ level: LogLevel, _ message: String, _ fields: Fields) {
    guard writes(level) else { return }
    let head: Fields = [
      "ts": .text(RFC3339.text(now())), "level": .text(level.rawValue), "msg": .text(message),
    ]
    let pairs = Array(head) + Array(fields)
    switch format {
    case .logfmt: emit(pairs.map { "\($0)=\($1.logfmt)" }.joined(separator: " ") + "\n")
    case .json: emit("{" + pairs.map { "\"\($0)\":\($1.json)" }.joined(separator: ",") + "}\n")
    }
  }

  /// Lines that could not be written: whoever reads the log stands still or is gone, or the disk is
  /// full. Copies of a log count together.
  package var linesLost: Int { lost.count.load(ordering: .relaxed) }

  private final class LostLines: Sendable {
    let count = Atomic(0)
  }

  private func emit(_ line: String) {
    // A pipe that is full would hold up the server until somebody reads it.
    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&room, 1, 0) == 0 || !Self.write(line, to: descriptor) {
      lost.count.add(1, ordering: .relaxed)
    }
  }

  /// Writes text as it is, such as the one sentence of a program that could not start.
  ///
  /// - Returns: Whether all of it was taken.
  @discardableResult
  package static func write(_ text: String, to descriptor: Int32 = STDERR_FILENO) -> Bool {
    var line = text
    return line.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let rest = bytes.extracting(written...)
        // One call takes a whole line but for a full disk or a signal.
        let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
      }
      return true
    }
  }

  /// The system's time of day, in seconds.
  static func wallSeconds() -> Double {
    let time = wallClock()
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The system's time of day.
  package static func wallClock() -> timespec {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time
  }
}

extension Log {
  /// What a field can hold. A literal stands for itself; an integer of any width is `.init(count)`.
  package enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)

    /// A text longer than this is cut, so that no sender can fill the log with one line.
    package static let textBytesMax = 1024

    package init(_ integer: some BinaryInteger) {
      self = .integer(Int(clamping: integer))
    }

    /// The value in logfmt, in quotes only if it needs them.
    fileprivate var logfmt: String {
      guard case .text(let text) = self else { return plain }
      let escaped = Self.escaped(text)
      let isBroken = escaped.unicodeScalars.contains { $0 == "=" || $0.properties.isWhitespace }
      return !escaped.isEmpty && escaped == text && !isBroken ? escaped : "\"\(escaped)\""
    }

    /// The value in JSON. Infinities and NaN, which JSON lacks, become texts.
    fileprivate var json: String {
      switch self {
      case .text(let text): "\"\(Self.escaped(text))\""
      case .number(let number) where !number.isFinite: "\"\(plain)\""
      case .integer, .number, .flag: plain
      }
    }

    private var plain: String {
      switch self {
      case .text(let text): text
      case .integer(let integer): "\(integer)"
      case .number(let number): "\(number)"
      case .flag(let flag): "\(flag)"
      }
    }

    /// The text between quotes, as both JSON and logfmt understand it. What could break a line
    /// or change how it is shown on a terminal becomes `\uXXXX`.
    private static func escaped(_ text: String) -> String {
      var escaped = ""
      var byteCount = 0
      for scalar in text.unicodeScalars {
        byteCount += scalar.utf8.count
        guard byteCount <= textBytesMax else { return escaped + "…" }
        switch scalar {
        case "\"": escaped += "\\\""
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        case "\r": escaped += "\\r"
        case "\t": escaped += "\\t"
        case _ where isHidden(scalar):
          for unit in scalar.utf16 {
            let digits = String(unit, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        default: escaped.unicodeScalars.append(scalar)
        }
      }
      return escaped
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}

extension Log.Value: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
  package init(stringLiteral text: String) { self = .text(text) }
  package init(integerLiteral integer: Int) { self = .integer(integer) }
  package init(floatLiteral number: Double) { self = .number(number) }
  package init(booleanLiteral flag: Bool) { self = .flag(flag) }
}
