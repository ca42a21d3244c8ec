import Foundation
import WeirCapture

/// Recordings for tests: what they hold is known, and so is what Weir must count.
enum Captures {
  /// Payloads of one to twelve lines, the same at each call.
  static func payloads(_ count: Int) -> [[UInt8]] {
    (0..<count).map { number in
      let lines = (0...(number * 7 % 12)).map { line in
        "rq_total:\((number + line) % 9 + 1)|c|#p:\((number * 3 + line) % 5)"
      }
      return Array(lines.joined(separator: "\n").utf8)
    }
  }

  /// The sum that these payloads add to `rq_total`.
  static func sum(_ payloads: [[UInt8]]) -> Double {
    payloads.joined(separator: [UInt8(ascii: "\n")]).split(separator: UInt8(ascii: "\n"))
      .reduce(0) { sum, line in
        sum
          + (Double(
            String(decoding: line.dropFirst(9).prefix { $0 != UInt8(ascii: "|") }, as: UTF8.self))
            ?? 0)
      }
  }

  /// A file by `CaptureWriter`, with a datagram every so many milliseconds.
  static func write(
    _ payloads: [[UInt8]], to path: String, everyMilliseconds pause: Int64 = 1, port: UInt16 = 8_125
  ) throws {
    var writer = CaptureWriter()
    for (index, payload) in payloads.enumerated() {
      let isIPv6 = index % 10 == 9
      let source =
        isIPv6
        ? CaptureAddress(family: .ipv6, high: 0xfd << 56, low: 7, port: 40_000)
        : .ipv4(10, 0, 0, 7, port: 40_000)
      let destination =
        isIPv6
        ? CaptureAddress(family: .ipv6, high: 0xfd << 56, low: 1, port: port)
        : .ipv4(10, 0, 0, 1, port: port)
      let isTaken = writer.append(
        CapturedDatagram(
          nanoseconds: 1_750_000_000_000_000_000 + Int64(index) * pause * 1_000_000,
          source: source, destination: destination, payload: payload))
      guard isTaken else { throw HarnessError("A datagram does not fit into a file.") }
    }
    try Data(writer.take()).write(to: URL(filePath: path))
  }

  /// The datagrams of a file, as far as it goes.
  static func read(_ path: String) throws -> [CapturedDatagram] {
    var reader = CaptureReader()
    reader.append(Array(try Data(contentsOf: URL(filePath: path)))[...])
    var datagrams: [CapturedDatagram] = []
    while let datagram = try reader.next() { datagrams.append(datagram) }
    return datagrams
  }

  /// Sends payloads to a Weir that can keep up, with a pause after each twenty.
  static func send(_ payloads: [[UInt8]], to address: String) throws {
    let socket = try TestSocket.connect(.udp, address)
    for (index, payload) in payloads.enumerated() {
      try socket.send(payload)
      if index % 20 == 19 { usleep(2_000) }
    }
  }
}

/// An empty folder, removed at the end with all that is in it.
final class CaptureFolder {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "weir-capture-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }
}
