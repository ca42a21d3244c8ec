import WeirMetrics

/// Rewrites names in spellings by a scraper's escaping scheme
/// (prometheus.io/docs/instrumenting/escaping_schemes).
package struct NameEscaping: Sendable {
  package let scheme: EscapingScheme

  /// - Parameter names: The style in which names are kept.
  /// - Returns: nil if every name stays as it is.
  package init?(_ scheme: EscapingScheme, of names: NameStyle) {
    switch scheme {
    case .allowUTF8: return nil
    case .underscores, .values: if names.isClassic { return nil }
    case .dots: break
    }
    self.scheme = scheme
  }

  /// A family's name.
  package func name(_ spelled: [UInt8]) -> [UInt8] {
    escaped(SpelledName.raw(spelled), isClassic: spelled.first != UInt8(ascii: "\""), colons: true)
  }

  /// The classic name that was escaped to `name`, if there is one.
  func classic(_ name: [UInt8]) -> [UInt8] {
    guard scheme == .dots else { return name }
    var classic: [UInt8] = []
    var rest = name[...]
    while let byte = rest.popFirst() {
      classic.append(byte)
      // Two underscores stand for one.
      if byte == 0x5F && rest.first == 0x5F { rest.removeFirst() }
    }
    return classic
  }

  /// A whole spelling, and the length of its name.
  ///
  /// - Returns: nil if two of its labels would have the same name.
  package func series(
    _ spelling: borrowing Span<UInt8>, nameLength: Int
  ) -> (bytes: [UInt8], nameLength: Int)? {
    let name = name(Self.bytes(spelling, 0..<nameLength))
    guard let labels = labels(spelling.extracting(nameLength..<spelling.count)) else { return nil }
    return (name + labels, name.count)
  }

  /// Labels with their braces, sorted by their new names, or nothing. So series whose labels become the same
  /// are spelled the same.
  ///
  /// - Returns: As for a series.
  package func labels(_ spelling: borrowing Span<UInt8>) -> [UInt8]? {
    // Without labels there is no name.
    if spelling.count <= 2 { return Self.bytes(spelling, 0..<spelling.count) }
    var labels: [(name: [UInt8], value: [UInt8])] = []
    // After the brace and each comma come the name, the equals sign, and the value with its quotes.
    var index = 1
    while index < spelling.count {
      let length = SpelledName.length(in: spelling, from: index, end: UInt8(ascii: "="))
      let label = Self.bytes(spelling, index..<index + length)
      let escaped = escaped(
        SpelledName.raw(label), isClassic: label.first != UInt8(ascii: "\""), colons: false)
      // Two leading underscores are reserved by Prometheus, and strict readers refuse them.
      let lead = escaped.prefix { $0 == 0x5F }.count
      index += length
      let valueEnd =
        index + 1
        + SpelledName.length(in: spelling, from: index + 1, end: UInt8(ascii: "}"))
      labels.append(
        (Array(escaped.dropFirst(max(0, lead - 1))), Self.bytes(spelling, index..<valueEnd)))
      index = valueEnd + 1
    }
    labels.sort { $0.name.lexicographicallyPrecedes($1.name) }
    guard zip(labels, labels.dropFirst()).allSatisfy({ $0.name != $1.name }) else { return nil }
    let joined = labels.map { $0.name + $0.value }.joined(separator: [UInt8(ascii: ",")])
    return [UInt8(ascii: "{")] + joined + [UInt8(ascii: "}")]
  }

  private static func bytes(_ span: borrowing Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(span[index]) }
    return bytes
  }

  private func escaped(_ raw: [UInt8], isClassic: Bool, colons: Bool) -> [UInt8] {
    if isClassic && scheme != .dots { return raw }
    var text = scheme == .values ? Array("U__".utf8) : []
    var isFirst = true
    for scalar in String(decoding: raw, as: UTF8.self).unicodeScalars {
      let byte = scalar.isASCII ? UInt8(scalar.value) : 0xFF
      let stays =
        SpelledName.isClassic([byte]) || !isFirst && SpelledName.isClassic([0x5F, byte])
        || colons && scalar == ":"
      switch scheme {
      case .dots where scalar == "_", .values where scalar == "_": text += [0x5F, 0x5F]
      case .dots where scalar == ".": text += Array("_dot_".utf8)
      case _ where stays: text.append(byte)
      case .dots: text += [0x5F, 0x5F]
      case .values: text += Array("_\(String(scalar.value, radix: 16))_".utf8)
      case .underscores, .allowUTF8: text.append(0x5F)
      }
      isFirst = false
    }
    return text
  }
}
