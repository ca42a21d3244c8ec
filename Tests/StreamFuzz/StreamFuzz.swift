import WeirMetrics
import WeirSockets
import WeirWire

// Safety: libFuzzer lends `data` for the length of the call, with its true size.

/// What libFuzzer calls with each input: how the bytes of a connection are divided and cut, and the bytes. Any
/// bytes may come. What comes out must not depend on where they are cut, and must be what a plain splitter finds.
@c(LLVMFuzzerTestOneInput)
public func fuzzStream(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = unsafe data.map { unsafe Array(UnsafeBufferPointer(start: $0, count: size)) } ?? []
  guard bytes.count > 2 else { return 0 }
  let framing = bytes[0] & 1 == 0 ? StreamFraming.lines : .payloads
  // Short pieces for most inputs, and whole reads for some.
  let longest = bytes[0] & 2 == 0 ? Int(bytes[1]) + 1 : StreamDivider.readBytes
  FuzzedStream(framing, longest).check(Array(bytes[2...]))
  return 0
}

/// A connection without a socket.
struct FuzzedStream {
  private let framing: StreamFraming
  /// Bytes of the longest piece.
  private let longest: Int

  init(_ framing: StreamFraming, _ longest: Int) {
    self.framing = framing
    self.longest = longest
  }

  func check(_ bytes: [UInt8]) {
    var divider = StreamDivider()
    var rest = StreamRest()
    var found: [[UInt8]] = []
    var isTooLong = false
    var start = 0
    while start < bytes.count, !isTooLong {
      // The bytes themselves say how long a piece is.
      let end = min(bytes.count, start + 1 + Int(bytes[start]) * longest / 256)
      for index in start..<end { divider.read.data[index - start] = bytes[index] }
      isTooLong = divider.divide(end - start, after: &rest, framing) == .tooLong
      take(divider, into: &found)
      start = end
    }
    if !isTooLong {
      _ = divider.end(&rest, framing)
      take(divider, into: &found)
    }
    switch framing {
    case .lines: checkLines(found.flatMap { $0 }, isTooLong, of: bytes)
    case .payloads: checkPayloads(found, isTooLong, of: bytes)
    }
  }

  private func take(_ divider: borrowing StreamDivider, into found: inout [[UInt8]]) {
    take(divider.joined, into: &found)
    take(divider.read, into: &found)
  }

  private func take(_ batch: borrowing StreamBatch, into found: inout [[UInt8]]) {
    for index in 0..<batch.count {
      let range = batch.range(of: index)
      found.append(Array(batch.data[range]))
      precondition(range.isEmpty || batch.message(containing: range.lowerBound) == index)
      var samples = SampleBatch()
      StatsDDecoder().decode(
        batch.bytes, from: range.lowerBound, to: range.upperBound, into: &samples)
    }
  }

  private func checkLines(_ found: [UInt8], _ isTooLong: Bool, of bytes: [UInt8]) {
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let bad = lines.firstIndex { $0.count > StreamFraming.lineBytesMax }
    precondition(isTooLong == (bad != nil))
    guard let bad else { return precondition(found == bytes) }
    let before = lines[..<bad].reduce(0) { $0 + $1.count + 1 }
    precondition(found.count > before + StreamFraming.lineBytesMax)
    precondition(found.elementsEqual(bytes[..<found.count]))
    precondition(found.count <= before + lines[bad].count)
  }

  private func checkPayloads(_ found: [[UInt8]], _ isTooLong: Bool, of bytes: [UInt8]) {
    var expected: [[UInt8]] = []
    var rest = bytes[...]
    var hasBad = false
    while rest.count >= 4 {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      hasBad = length > StreamFraming.payloadBytesMax
      if hasBad || rest.count < 4 + length { break }
      expected.append(Array(rest.dropFirst(4).prefix(length)))
      rest = rest.dropFirst(4 + length)
    }
    precondition(isTooLong == hasBad)
    precondition(found == expected)
  }
}
