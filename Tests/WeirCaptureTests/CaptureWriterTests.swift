import TestSupport
import Testing

@testable import WeirCapture

@Suite struct CaptureWriterTests {
  private static let six = CaptureAddress(family: .ipv6, high: 0xfd << 56, low: 7, port: 40_000)

  private func random(_ random: inout SeededGenerator) -> CapturedDatagram {
    let isIPv4 = Bool.random(using: &random)
    func address() -> CaptureAddress {
      CaptureAddress(
        family: isIPv4 ? .ipv4 : .ipv6, high: isIPv4 ? 0 : random.next(),
        low: isIPv4 ? random.next() >> 32 : random.next(),
        port: .random(in: 0...65_535, using: &random))
    }
    return CapturedDatagram(
      nanoseconds: .random(in: 0..<4_294_967_296_000_000_000, using: &random), source: address(),
      destination: address(), payload: random.bytes(count: .random(in: 0...300, using: &random)))
  }

  /// The check sum of bytes as RFC 1071 says it, word by word with its carry.
  private func naiveSum(_ bytes: [UInt8]) -> Int {
    var sum = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let low = index + 1 < bytes.count ? Int(bytes[index + 1]) : 0
      sum += Int(bytes[index]) << 8 + low
      if sum > 0xffff { sum -= 0xffff }
    }
    return sum
  }

  @Test func `what was written is read again, with right check sums`() throws {
    var random = SeededGenerator(seed: 52)
    var writer = CaptureWriter()
    var datagrams: [CapturedDatagram] = []
    var file = writer.take()
    for _ in 0..<500 {
      let datagram = self.random(&random)
      let isTaken = writer.append(datagram)
      #expect(isTaken)
      let record = writer.take()
      #expect(record.count == CaptureWriter.bytes(of: datagram))
      datagrams.append(datagram)
      file += record
      let packet = Array(record.dropFirst(16))
      let isIPv4 = datagram.source.family == .ipv4
      // With its check sum a whole sums up to 0xffff.
      if isIPv4 { #expect(naiveSum(Array(packet.prefix(20))) == 0xffff) }
      let head = isIPv4 ? 20 : 40
      let addresses = Array(packet[(isIPv4 ? 12 : 8)..<head])
      let udp = Array(packet.dropFirst(head))
      let pseudo = addresses + [0, 17] + [UInt8(udp.count >> 8), UInt8(udp.count & 255)]
      #expect(naiveSum(pseudo + udp) == 0xffff)
      #expect(udp[6] != 0 || udp[7] != 0)
    }
    let (read, reader) = try CaptureSamples.read(file, pieces: 1_000)
    #expect(read == datagrams)
    #expect(reader.link == .raw && reader.isNanoseconds)
  }

  @Test func `of a part that was written, the whole records are known`() {
    var random = SeededGenerator(seed: 7)
    var writer = CaptureWriter()
    _ = writer.take()
    var ends: [Int] = []
    for _ in 0..<5 {
      _ = writer.append(self.random(&random))
      ends.append(writer.count)
    }
    let bytes = writer.take()
    for end in 0...bytes.count {
      let whole = CaptureWriter.wholeRecords(in: bytes, upTo: end)
      #expect(whole.bytes == ends.last { $0 <= end } ?? 0)
      #expect(whole.left == ends.filter { $0 > end }.count)
    }
  }

  @Test func `a check sum of 0 is written as all ones`() {
    // A payload that makes the sum 0xffff.
    let datagram = CapturedDatagram(
      nanoseconds: 0, source: .ipv4(0, 0, 0, 0, port: 0), destination: .ipv4(0, 0, 0, 0, port: 0),
      payload: [0xff, 0xff - 0x11 - 20])
    var writer = CaptureWriter()
    _ = writer.take()
    let isTaken = writer.append(datagram)
    let record = writer.take()
    #expect(isTaken && Array(record.dropFirst(16 + 20 + 6).prefix(2)) == [0xff, 0xff])
  }

  @Test func `what no packet can hold is not written`() {
    let four = CaptureAddress.ipv4(10, 0, 0, 7, port: 1)
    var writer = CaptureWriter()
    let head = writer.count
    func isTaken(_ source: CaptureAddress, _ bytes: Int, seconds: Int64 = 0) -> Bool {
      writer.append(
        CapturedDatagram(
          nanoseconds: seconds * 1_000_000_000, source: source, destination: four,
          payload: [UInt8](repeating: 1, count: bytes)))
    }
    #expect(!isTaken(four, 65_508))
    #expect(!isTaken(Self.six, 1))
    #expect(!isTaken(four, 1, seconds: 4_294_967_296))
    #expect(!isTaken(four, 1, seconds: -1))
    #expect(writer.count == head)
    #expect(isTaken(four, 65_507, seconds: 4_294_967_295))
    let six = CapturedDatagram(
      nanoseconds: 0, source: Self.six, destination: Self.six,
      payload: [UInt8](repeating: 1, count: 65_527))
    let isLongTaken = writer.append(six)
    #expect(isLongTaken)
  }
}
