/// A small strict reader of delimited `io.prometheus.client.MetricFamily` messages, written from
/// protobuf's specification and client_model's metrics.proto and sharing nothing with the encoder.
package struct ProtobufReader {
  package struct Malformed: Error {
    package init() {}
  }

  /// The fields of a message by number, in order.
  package struct Message {
    private var fields: [UInt64: [Field]] = [:]

    private enum Field {
      case varint(UInt64)
      case fixed(UInt64)
      case bytes(ArraySlice<UInt8>)
    }

    package init(_ bytes: ArraySlice<UInt8>) throws {
      var rest = bytes
      while !rest.isEmpty {
        let tag = try ProtobufReader.varint(&rest)
        let field: Field
        switch tag & 7 {
        case 0: field = .varint(try ProtobufReader.varint(&rest))
        case 1: field = .fixed(try ProtobufReader.fixed(&rest))
        case 2: field = .bytes(try ProtobufReader.bytes(&rest))
        default: throw Malformed()
        }
        fields[tag >> 3, default: []].append(field)
      }
    }

    package func has(_ number: UInt64) -> Bool { fields[number] != nil }

    package func integer(_ number: UInt64) throws -> UInt64 {
      guard let field = fields[number] else { return 0 }
      guard field.count == 1, case .varint(let value) = field[0] else { throw Malformed() }
      return value
    }

    package func zigzag(_ number: UInt64) throws -> Int64 {
      ProtobufReader.unzigzag(try integer(number))
    }

    package func double(_ number: UInt64) throws -> Double {
      guard let field = fields[number] else { return 0 }
      guard field.count == 1, case .fixed(let bits) = field[0] else { throw Malformed() }
      return Double(bitPattern: bits)
    }

    package func all(_ number: UInt64) throws -> [ArraySlice<UInt8>] {
      try (fields[number] ?? []).map { field in
        guard case .bytes(let bytes) = field else { throw Malformed() }
        return bytes
      }
    }

    package func messages(_ number: UInt64) throws -> [Message] {
      try all(number).map(Message.init)
    }

    package func text(_ number: UInt64) throws -> [UInt8] { Array(try all(number).first ?? []) }

    /// A packed field.
    package func packed(_ number: UInt64) throws -> ArraySlice<UInt8> {
      try all(number).first ?? []
    }
  }

  /// The families of a page, in order.
  package static func families(_ page: [UInt8]) throws -> [Message] {
    var rest = page[...]
    var families: [Message] = []
    while !rest.isEmpty { families.append(try Message(bytes(&rest))) }
    return families
  }

  package static func labels(_ message: Message) throws -> [[UInt8]: [UInt8]] {
    try message.messages(1).reduce(into: [:]) { labels, pair in
      guard labels.updateValue(try pair.text(2), forKey: try pair.text(1)) == nil else {
        throw Malformed()
      }
    }
  }

  /// The exponential buckets of one sign: index and count.
  package static func buckets(
    _ histogram: Message, spans: UInt64, deltas: UInt64, counts: UInt64
  ) throws -> [Int64: Double] {
    var values: [Double] = []
    var packedDeltas = try histogram.packed(deltas)
    var running: Int64 = 0
    while !packedDeltas.isEmpty {
      running += unzigzag(try varint(&packedDeltas))
      values.append(Double(running))
    }
    var packedCounts = try histogram.packed(counts)
    while !packedCounts.isEmpty { values.append(Double(bitPattern: try fixed(&packedCounts))) }
    var index: Int64 = 0
    var buckets: [Int64: Double] = [:]
    for span in try histogram.messages(spans) {
      index += try span.zigzag(1)
      for _ in 0..<(try span.integer(2)) {
        guard !values.isEmpty else { throw Malformed() }
        let count = values.removeFirst()
        if count != 0 { buckets[index] = count }
        index += 1
      }
    }
    guard values.isEmpty else { throw Malformed() }
    return buckets
  }

  private static func unzigzag(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard let byte = rest.popFirst() else { throw Malformed() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }

  private static func fixed(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    guard rest.count >= 8 else { throw Malformed() }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func bytes(_ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    let count = Int(try varint(&rest))
    guard rest.count >= count else { throw Malformed() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
