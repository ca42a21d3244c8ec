import Testing
import WeirBytes
import WeirCapture

@testable import WeirDaemon

@Suite struct CaptureTallyTests {
  private func datagram(
    _ text: String, at nanoseconds: Int64 = 0, from last: UInt8 = 7, to port: UInt16 = 8_125
  ) -> CapturedDatagram {
    CapturedDatagram(
      nanoseconds: nanoseconds, source: .ipv4(10, 0, 0, last, port: 40_000),
      destination: .ipv4(10, 0, 0, 1, port: port), payload: Array(text.utf8))
  }

  @Test func `counts are by port and by sender, most first`() {
    var tally = CaptureTally()
    tally.add(datagram("a:1|c\nb:1|c\n\n", at: 3_000_000_000))
    tally.add(datagram("a:1|c", at: 1_000_000_000, from: 8, to: 9_125))
    tally.add(datagram("", at: 2_000_000_000, from: 8, to: 9_125))
    #expect(tally.datagrams == 3 && tally.lines == 3 && tally.bytes == 18)
    #expect(tally.portsText == "9125 (2), 8125 (1)")
    #expect(tally.sendersText == "10.0.0.8 (2), 10.0.0.7 (1)")
    #expect(tally.duration == .seconds(2))
  }

  @Test func `frames are no lines`() {
    var tally = CaptureTally()
    var frame = datagram("")
    frame.payload = [0xf7, 0x57, 10, 10, 10]
    tally.add(frame)
    #expect(tally.lines == 0 && tally.frames == 1)
    #expect(CaptureTally.content(lines: 0, frames: 1) == "1 frame")
    #expect(CaptureTally.content(lines: 2, frames: 1) == "2 lines and 1 frame")
    #expect(CaptureTally.content(lines: 0, frames: 0) == "0 lines")
  }

  @Test func `senders beyond the bound are counted together`() {
    var tally = CaptureTally()
    for sender in 0..<CaptureTally.sendersMax + 5 {
      var one = datagram("a:1|c")
      one.source = .ipv4(10, 1, UInt8(sender / 256), UInt8(sender % 256), port: 1)
      tally.add(one)
      tally.add(datagram("a:1|c", to: UInt16(sender % 20 + 1)))
    }
    #expect(tally.senders.count == CaptureTally.sendersMax)
    #expect(tally.fromOthers == 6)
    #expect(tally.sendersText.hasSuffix(", and more"))
    #expect(tally.portsText.split(separator: ",").count == CaptureTally.namedMax + 1)
  }

  @Test func `numbers are short`() {
    #expect(CaptureText.seconds(.milliseconds(41)) == "0.041 s")
    #expect(CaptureText.seconds(.milliseconds(12_345)) == "12.3 s")
    #expect(CaptureText.rate(3_000, .milliseconds(40)) == "75000")
    #expect(CaptureText.rate(12_345, .seconds(1)) == "12300")
    #expect(CaptureText.rate(25, .seconds(2)) == "12.5")
    #expect(CaptureText.rate(1, .seconds(8)) == "0.13")
    #expect(CaptureText.rate(0, .zero) == "0.0")
    #expect(
      CountText.counted(1, "line") == "1 line" && CountText.counted(0, "line") == "0 lines")
  }
}
