import WeirBytes
import WeirExposition
import WeirGroups
import WeirHTTP
import WeirMetrics

/// The key of a group in the path of a request.
///
///     /metrics/job/backup/host/a            {host="a",job="backup"}
///     /metrics/job@base64/YS9i/x@base64/=   {job="a/b",x=""}
///
/// Percent signs are decoded first, so that a slash in a value has to be written in Base64, as in the
/// Pushgateway.
enum GroupPath {
  /// What the paths of groups begin with.
  static let prefixes = ["/metrics/job/", "/metrics/job@base64/"]

  private static let suffix = Array("@base64".utf8)
  private static let job = Array("job".utf8)

  /// - Throws: What to change in the path.
  static func key(_ path: String, limits: SeriesLimits) throws(PushedBodyMistake) -> GroupKey {
    guard let decoded = PercentEncoding.decoded(path.utf8),
      decoded.span.isUTF8(from: 0, to: decoded.count)
    else {
      throw mistake(
        "the path has a percent sign that is not followed by two digits, or is not UTF-8")
    }
    var parts = decoded.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    // The empty one before the first slash, and `metrics`.
    parts = parts.dropFirst(2)
    // A slash after the job alone is allowed.
    if parts.count == 3, parts.last?.isEmpty ?? false { parts.removeLast() }
    guard parts.count.isMultiple(of: 2) else {
      throw mistake(
        "the path has a label without a value; write /metrics/job/JOB/LABEL/VALUE, and an empty "
          + "value as LABEL@base64/=")
    }
    var values: [[UInt8]: [UInt8]] = [:]
    while let name = parts.popFirst(), let value = parts.popFirst() {
      let label = try label(Array(name), Array(value), limits)
      // The job is the first, and of other labels the last counts.
      if label.name != job || values[job] == nil { values[label.name] = label.value }
    }
    guard let name = values[job], !name.isEmpty else {
      throw mistake("the name of the job is empty")
    }
    let most = min(PushedLabels.countMax, limits.labelsPerSeriesMax - 1)
    guard values.count <= most else { throw mistake("the path has more than \(most) labels") }
    return GroupKey(values.map { GroupKey.Label($0.key, $0.value) })
  }

  private static func label(
    _ name: [UInt8], _ value: [UInt8], _ limits: SeriesLimits
  ) throws(PushedBodyMistake) -> GroupKey.Label {
    let isCoded = name.count > suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
    let plain = isCoded ? Array(name.dropLast(suffix.count)) : name
    guard PushedLabels.isName(plain), plain.count <= limits.labelNameBytesMax else {
      throw mistake("\(shown(plain)) can't be the name of a label")
    }
    var bytes = value
    if isCoded {
      guard let decoded = decoded(value) else {
        throw mistake("the value of \(shown(plain)) is not URL-safe Base64 of a text in UTF-8")
      }
      bytes = decoded
    } else if value.isEmpty {
      throw mistake("the value of \(shown(plain)) is empty; write it as \(text(plain))@base64/=")
    }
    guard bytes.count <= limits.labelValueBytesMax, !bytes.contains(0) else {
      throw mistake("the value of \(shown(plain)) is too long, or has a null byte")
    }
    return GroupKey.Label(plain, bytes)
  }

  /// Padding counts for nothing, wherever there is none needed.
  private static func decoded(_ value: [UInt8]) -> [UInt8]? {
    var digits = value[...]
    while digits.last == UInt8(ascii: "=") { digits.removeLast() }
    guard let bytes = Base64.decode(digits, alphabet: .urlSafe),
      bytes.span.isUTF8(from: 0, to: bytes.count)
    else { return nil }
    return bytes
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func shown(_ bytes: [UInt8]) -> String { "\"\(text(bytes))\"" }

  private static func mistake(_ sentence: String) -> PushedBodyMistake {
    PushedBodyMistake(isMalformed: true, sentence: sentence)
  }
}
