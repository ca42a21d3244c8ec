// Safety: calls of C. write(2) reads a buffer that `withUTF8` keeps valid during the call, within
// its count; poll(2) and clock_gettime(2) write to a local value of their own type.

import Glibc
import Synchronization
import WeirConfiguration

/// The log: one event per line, one write(2) per line, so lines of several threads never mix.
///
/// A line begins with `ts`, `level` and `msg`; the event's fields follow in the order given. No
/// text can break its line or forge another field, because texts are quoted and escaped. A line
/// that the descriptor does not accept completely is dropped and counted; the log never blocks the
/// daemon. (A pipe without a reader raises SIGPIPE, which the daemon has to ignore.)
package struct Log: Sendable {
  private let level: LogLevel
  private let format: LogFormat
  private let descriptor: Int32
  private let now: @Sendable () -> timespec
  private let lost = LostLines()
  /// The last events of level `info` and above.
  let memory = LogMemory()

  /// - Parameters:
  ///   - level: Events of lower severity are not written.
  ///   - descriptor: Where lines are written; the log does not close it.
  ///   - now: The time of an event, read once per line.
  package init(
    level: LogLevel, format: LogFormat, descriptor: Int32 = STDERR_FILENO,
    now: @escaping @Sendable () -> timespec = { Log.wallClock() }
  ) {
    self.level = level
    self.format = format
    self.descriptor = descriptor
    self.now = now
  }

  /// The data of an event. Keys are literals, so no input can become a key.
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

  /// Whether events of this level are written, for events that are costly to prepare.
  package func writes(_ level: LogLevel) -> Bool { level >= self.level }

  private func write(_ level: LogLevel, _ message: String, _ fields: Fields) {
    guard writes(level) else { return }
    let time = now()
    if level > .debug { memory.add(entry(time, level, message, fields)) }
    let head: Fields = [
      "ts": .text(RFC3339.text(time)), "level": .text(level.rawValue), "msg": .text(message),
    ]
    let pairs = Array(head) + Array(fields)
    switch format {
    case .logfmt: emit(pairs.map { "\($0)=\($1.logfmt)" }.joined(separator: " ") + "\n")
    case .json: emit("{" + pairs.map { "\"\($0)\":\($1.json)" }.joined(separator: ",") + "}\n")
    }
  }

  private func entry(
    _ time: timespec, _ level: LogLevel, _ message: String, _ fields: Fields
  ) -> LogMemory.Entry {
    let pairs = [("msg", Value.text(message).logfmt)] + fields.map { ("\($0)", $1.logfmt) }
    return LogMemory.Entry(
      time: time, level: level, text: pairs.map { "\($0)=\($1)" }.joined(separator: " "))
  }

  /// Lines dropped because the log pipe was full, its reader gone, or the disk full. Copies of a
  /// log count together.
  package var linesLost: Int { lost.count.load(ordering: .relaxed) }

  private final class LostLines: Sendable {
    let count = Atomic(0)
  }

  private func emit(_ line: String) {
    // Writing to a full pipe would block the server until it is read.
    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&room, 1, 0) == 0 || !Self.write(line, to: descriptor) {
      lost.count.add(1, ordering: .relaxed)
    }
  }

  /// Writes text unchanged, such as the message of a program that cannot start.
  ///
  /// - Returns: Whether all of it was written.
  @discardableResult
  package static func write(_ text: String, to descriptor: Int32 = STDERR_FILENO) -> Bool {
    var line = text
    return line.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let rest = bytes.extracting(written...)
        // One call writes a whole line, except after a signal or on a full disk.
        let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
      }
      return true
    }
  }

  /// The system's time of day, in seconds.
  static func wallSeconds() -> Double { wallClock().inSeconds }

  /// The system's time of day.
  package static func wallClock() -> timespec {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time
  }
}

extension Log {
  /// The value of a field. Literals are values; an integer of any width is `.init(count)`.
  package enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)

    /// Longer texts are truncated, because no sender may fill the log with one line.
    package static let textBytesMax = 1024

    package init(_ integer: some BinaryInteger) {
      self = .integer(Int(clamping: integer))
    }

    /// The value in logfmt, quoted only if necessary.
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

    /// The text escaped for quotes, in a form that is valid in JSON and in logfmt. Characters that
    /// could break a line or change how a terminal shows it become `\u` and four hexadecimal digits.
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
