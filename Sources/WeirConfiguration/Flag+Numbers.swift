extension Flag {
  /// A flag whose value is a whole number that `parse` reads; nil from `parse` keeps the default.
  static func number<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ metavariable: String, _ path: OptionPath<Number>, help: String,
    shown: @escaping @Sendable (Int) -> String,
    parse: @escaping @Sendable (_ value: String) throws(UsageError) -> Int?
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: false), help: help,
      shown: { shown(Int($0[keyPath: path])) },
      set: { value, _, options throws(UsageError) in
        if let number = try parse(value) { options[keyPath: path] = Number(number) }
      })
  }

  /// A flag whose value is a number from 1 to `max` of `noun`.
  static func count(
    _ name: String, _ path: OptionPath<Int>, of noun: String, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "COUNT", path, help: help, shown: { "\($0)" },
      parse: { value throws(UsageError) in
        guard let count = Decimal.parse(value[...]), 1...max ~= count else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of \(noun); write one from 1 to \(max)")
        }
        return count
      })
  }

  /// A flag whose value is a number of bytes from `min` to `max`.
  static func bytes(
    _ name: String, _ path: OptionPath<Int>, from min: Int = 1, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "BYTES", path, help: help, shown: ByteCount.text,
      parse: { value throws(UsageError) in
        guard let bytes = ByteCount.parse(value), min...max ~= bytes else {
          let (least, examples) =
            min <= 2_000
            ? ("\(min)", "2000 or 2KiB") : (ByteCount.text(min), ByteCount.text(4 * min))
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of bytes; "
              + "write one from \(least) to \(ByteCount.text(max)), such as \(examples)")
        }
        return bytes
      })
  }

  /// A flag whose value is a duration from 1 ms to `max`, in milliseconds.
  static func milliseconds(
    _ name: String, _ path: OptionPath<Int>, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "DURATION", path, help: help, shown: TimeSpan.text(milliseconds:),
      parse: { value throws(UsageError) in
        guard let milliseconds = TimeSpan.milliseconds(value), 1...max ~= milliseconds else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a duration; write one from 1ms to "
              + "\(TimeSpan.text(milliseconds: max)), such as 10s")
        }
        return milliseconds
      })
  }

  /// A flag whose value is a duration within `range`, in whole seconds; a fraction is rounded up,
  /// because the clock for this counts seconds.
  ///
  /// - Parameters:
  ///   - zero: What 0 does, as part of a sentence; nil if 0 is refused unless `range` holds it.
  ///   - subject: What the duration is, as part of a sentence.
  static func seconds<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ path: OptionPath<Number>, in range: ClosedRange<Int>, zero: String? = nil,
    subject: String, example: String, help: String
  ) -> Flag {
    number(
      name, "DURATION", path, help: help, shown: TimeSpan.text(seconds:),
      parse: { value throws(UsageError) in
        let milliseconds = TimeSpan.milliseconds(value)
        if zero != nil, milliseconds == 0 { return 0 }
        guard let milliseconds,
          range.lowerBound * 1_000...range.upperBound * 1_000 ~= milliseconds
        else {
          let least = TimeSpan.text(seconds: range.lowerBound)
          throw UsageError(
            "--\(name): \(value.quoted) is not \(subject); write a duration "
              + (range.lowerBound == 0 ? "up to " : "from \(least) to ")
              + "\(TimeSpan.text(seconds: range.upperBound)), such as \(example)"
              + (zero.map { ", or 0 \($0)" } ?? ""))
        }
        return (milliseconds + 999) / 1_000
      })
  }
}
