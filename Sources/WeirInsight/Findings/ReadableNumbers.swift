import WeirBytes

/// Numbers as sentences have them.
package enum ReadableNumbers {
  /// `41,300`; with one digit after the point below 10 if it is not whole, as in `3.2`.
  package static func count(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e15 else { return "\(number)" }
    if number.magnitude < 10, number != number.rounded() {
      let tenths = Int((number * 10).rounded())
      return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
    return CountText.grouped(Int(number.rounded()))
  }

  /// How many of something, as the subject of a sentence: `1 line was`, `4,200 lines were`.
  package static func subject(
    _ number: Double, _ noun: String, of more: String = "", _ one: String = "was",
    _ many: String = "were"
  ) -> String {
    let count = Int(number.rounded())
    return
      "\(CountText.groupedCount(count, noun))\(more) \(CountText.form(count, one, many))"
  }

  /// `0.25 %`, with two digits that count, and `less than 0.01 %`.
  package static func share(_ part: Double) -> String {
    let percent = part * 100
    if percent > 0, percent < 0.01 { return "less than 0.01 %" }
    if percent >= 10 || percent == 0 { return "\(Int(percent.rounded())) %" }
    let places = percent >= 1 ? 10.0 : 100.0
    let scaled = (percent * places).rounded() / places
    return "\(scaled == scaled.rounded() ? "\(Int(scaled))" : "\(scaled)") %"
  }

  /// `90 s`, `35 min`, `7 h`, `12 days`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "ever" }
    switch seconds {
    case ..<120: return "\(Int(seconds.rounded())) s"
    case ..<7_200: return "\(Int((seconds / 60).rounded())) min"
    case ..<172_800: return "\(Int((seconds / 3_600).rounded())) h"
    default: return "\(count(seconds / 86_400)) days"
    }
  }

  /// `208 KiB`
  package static func bytes(_ count: Double) -> String {
    for (unit, size) in [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1_024.0)]
    where count >= size {
      let value = count / size
      return "\(Self.count(value < 10 ? (value * 10).rounded() / 10 : value)) \(unit)"
    }
    return "\(Self.count(count)) bytes"
  }
}
