import WeirBytes
import WeirMetrics

extension PushDecoder {
  /// Reads the common labels.
  ///
  /// - Returns: Whether all of them point to strings, and no more of them hold than a series may
  ///   have.
  mutating func readCommon(
    _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) -> Bool {
    hasCommonFingerprints = false
    common = .none
    commonNames = StringFingerprints.doubtful
    var arePlain = true
    for _ in 0..<cursor.count(bytesEach: 2) {
      let (name, value) = (cursor.varint(), cursor.varint())
      let strings = UInt64(frame.strings.count)
      guard name < strings, value < strings else { return false }
      frame.common.append(PushFrame.Label(name: UInt32(name), value: UInt32(value)))
      let isPlain = fingerprints.addPlainLabel(
        name: Int(name), value: Int(value), seen: &commonNames, to: &common)
      arePlain = arePlain && isPlain
    }
    if !arePlain { dropOverridden(&frame) }
    return frame.common.count <= PushFormat.commonLabelsMax
  }

  /// Removes common labels that do not hold: those that a later one overrides, and empty ones.
  private mutating func dropOverridden(_ frame: inout PushFrame) {
    readCommonFingerprints(frame)
    commonFingerprints.keepWhole(fingerprints)
    frame.common.removeAll()
    common = .none
    for label in commonFingerprints.labels {
      frame.common.append(PushFrame.Label(name: UInt32(label.name), value: UInt32(label.value)))
      fingerprints.addLabel(name: label.name, value: label.value, to: &common)
    }
    hasCommonFingerprints = false
    // Every record then computes its exact fingerprint.
    commonNames = .max
  }

  private mutating func readCommonFingerprints(_ frame: borrowing PushFrame) {
    commonFingerprints.removeAll()
    for index in frame.common.indices {
      let label = frame.common[index]
      commonFingerprints.add(name: Int(label.name), value: Int(label.value), fingerprints)
    }
    commonFingerprints.keepLast()
    hasCommonFingerprints = true
  }

  /// The fingerprint of a record's labels and the frame's common ones, of those that hold.
  ///
  /// - Complexity: O(n log m) for n labels of the record and m common ones.
  private mutating func exactFingerprint(
    of labels: PushRange, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) -> Fingerprint {
    if !hasCommonFingerprints { readCommonFingerprints(frame) }
    labelFingerprints.removeAll()
    // `readSeriesLabels` has checked them.
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for _ in 0..<labels.count {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      labelFingerprints.add(name: name, value: value, fingerprints)
    }
    labelFingerprints.keepLast()
    var fingerprint = common
    for label in labelFingerprints.labels {
      if let other = commonFingerprints.find(fingerprints.fingerprint(of: label.name)) {
        fingerprints.removeLabel(name: other.name, value: other.value, from: &fingerprint)
      }
      if fingerprints.isWhole(label) {
        fingerprints.addLabel(name: label.name, value: label.value, to: &fingerprint)
      }
    }
    return fingerprint
  }

  /// Reads the labels of a record's series, and adds them to its fingerprint.
  ///
  /// - Returns: Where they lie in the bytes, and how many there are.
  mutating func readSeriesLabels(
    _ fields: inout ByteCursor, _ frame: borrowing PushFrame, _ fingerprint: inout Fingerprint
  ) throws(RecordRefusal) -> PushRange {
    let count = fields.count(bytesEach: 2)
    let start = fields.index
    var seen = commonNames
    var arePlain = true
    for _ in 0..<count {
      let (name, value) = try readLabel(&fields)
      arePlain =
        fingerprints.addPlainLabel(name: name, value: value, seen: &seen, to: &fingerprint)
        && arePlain
    }
    if fields.hasFailed { throw .malformed }
    let labels = PushRange(first: start, count: count)
    if !arePlain || seen == .max { fingerprint = exactFingerprint(of: labels, frame, fields.bytes) }
    return labels
  }

  /// Reads the labels of an exemplar, which belong to no series.
  ///
  /// - Returns: Where they lie in the bytes, and how many there are.
  func readLabels(_ fields: inout ByteCursor) throws(RecordRefusal) -> PushRange {
    let count = fields.count(bytesEach: 2)
    let start = fields.index
    for _ in 0..<count { _ = try readLabel(&fields) }
    if fields.hasFailed { throw .malformed }
    return PushRange(first: start, count: count)
  }

  /// Reads the indices of a label's strings.
  @inline(__always)
  private func readLabel(
    _ fields: inout ByteCursor
  ) throws(RecordRefusal) -> (name: Int, value: Int) {
    let name = fields.varint()
    let value = fields.varint()
    guard name < UInt64(fingerprints.count), value < UInt64(fingerprints.count) else {
      throw fields.hasFailed ? .malformed : .badString
    }
    return (Int(truncatingIfNeeded: name), Int(truncatingIfNeeded: value))
  }
}
