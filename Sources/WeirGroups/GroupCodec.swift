import WeirBytes
import WeirExposition
import WeirMetrics

/// A group as the state file has it: its key, its times, and texts in Prometheus' format, which are read as
/// strictly as those that are pushed.
///
///     payload = key · 0 (it is gone)
///             | key · 1 · push time (f64) · failure time (f64) · count · section …
///     key     = count · (name · value) …          each text after its length
///     section = kind (byte) · start (f64) · text  kind 0: shown, 1: sum of old runs, 2: a run, 3: one without
///                                                 start, 4: start of an old run, without text
enum GroupCodec {
  private enum Section: UInt8 {
    case shown = 0
    case folded = 1
    case run = 2
    case namelessRun = 3
    case foldedStart = 4
  }

  static func payload(of key: GroupKey, _ group: PushedGroup?) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(varint: key.labels.count)
    for label in key.labels {
      writer.append(text: label.name)
      writer.append(text: label.value)
    }
    writer.append(UInt8(group == nil ? 0 : 1))
    guard let group else { return writer.bytes }
    writer.append(littleEndian: group.pushSeconds.bitPattern)
    writer.append(littleEndian: group.failureSeconds.bitPattern)
    var sections: [(Section, Double, GroupFamilies)] = [(.shown, 0, group.families)]
    if let runs = group.runs {
      sections.append((.folded, 0, runs.folded))
      sections += runs.runs.map {
        ($0.start == nil ? .namelessRun : .run, $0.start ?? 0, $0.families)
      }
      sections += runs.foldedStarts.map { (.foldedStart, $0, [:]) }
    }
    writer.append(varint: sections.count)
    for (section, start, families) in sections {
      writer.append(section.rawValue)
      writer.append(littleEndian: start.bitPattern)
      writer.append(text: text(of: families))
    }
    return writer.bytes
  }

  /// The group; nil if it is gone, or the payload is wrong.
  static func group(in payload: [UInt8], limits: SeriesLimits, seriesMax: Int) -> PushedGroup? {
    var cursor = ByteCursor(payload.span, from: 0, to: payload.count)
    guard let key = key(&cursor), cursor.byte() == 1 else { return nil }
    var group = PushedGroup(key)
    group.pushSeconds = Double(bitPattern: cursor.word())
    group.failureSeconds = Double(bitPattern: cursor.word())
    guard group.pushSeconds.isFinite, group.failureSeconds.isFinite else { return nil }
    let bodyLimits = PushedBodyLimits(seriesMax: seriesMax, series: limits)
    for _ in 0..<cursor.count(bytesEach: 10) {
      let section = Section(rawValue: cursor.byte())
      let start = Double(bitPattern: cursor.word())
      guard let section, let text = cursor.text(),
        let read = try? PushedBody.read(text, .text, labels: .none, limits: bodyLimits)
      else { return nil }
      let families = Dictionary(uniqueKeysWithValues: read.map { ($0.name, $0) })
      var runs = group.runs ?? GroupRuns()
      switch section {
      case .shown:
        group.families = families
        continue
      case .folded: runs.folded = families
      case .run: runs.runs.append(.init(start: start, families: families))
      case .namelessRun: runs.runs.append(.init(start: nil, families: families))
      case .foldedStart: runs.foldedStarts.append(start)
      }
      group.runs = runs
    }
    return cursor.hasFailed ? nil : group
  }

  private static func key(_ cursor: inout ByteCursor) -> GroupKey? {
    var labels: [GroupKey.Label] = []
    for _ in 0..<cursor.count(bytesEach: 2) {
      guard let name = cursor.text(), let value = cursor.text(), PushedLabels.isName(name),
        value.span.isUTF8(from: 0, to: value.count)
      else { return nil }
      labels.append(GroupKey.Label(name, value))
    }
    guard !cursor.hasFailed, labels.count <= PushedLabels.countMax,
      Set(labels.map(\.name)).count == labels.count
    else { return nil }
    return GroupKey(labels)
  }

  private static func text(of families: GroupFamilies) -> [UInt8] {
    var encoder = ExpositionEncoder(.text)
    var labels: [HistogramBounds: BucketLabels] = [:]
    for family in families.values.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
      encoder.beginFamily(FamilyHead(family.name, help: family.help, type: family.type))
      for series in family.series {
        PushedFamily.write(series, nameLength: family.name.count, into: &encoder) { bounds in
          if let known = labels[bounds] { return known }
          labels[bounds] = BucketLabels(bounds)
          return BucketLabels(bounds)
        }
      }
      encoder.endFamily()
    }
    encoder.finish()
    return encoder.take()
  }
}

extension ByteWriter {
  fileprivate mutating func append(text: [UInt8]) {
    append(varint: text.count)
    append(text)
  }
}

extension ByteCursor {
  /// A length and as many bytes; nil if they are not there.
  fileprivate mutating func text() -> [UInt8]? {
    let length = count()
    let start = skip(length)
    if hasFailed { return nil }
    let bytes = bytes
    return (start..<start + length).map { bytes[$0] }
  }
}
