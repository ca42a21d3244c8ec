import Testing

@testable import WeirCapture

@Suite struct CaptureReaderTests {
  private typealias Samples = CaptureSamples
  private let payload = Array("a:1|c".utf8)

  /// What every way to pack the payload must come to.
  private func expectOne(_ link: UInt32, _ frame: [UInt8], isIPv6: Bool = false) throws {
    let (datagrams, reader) = try Samples.read(Samples.file(link: link, [(7, 5, frame)]))
    let datagram = try #require(datagrams.first)
    #expect(datagrams.count == 1 && reader.packets == 1 && reader.skipped.sum == 0)
    #expect(datagram.payload == payload)
    #expect(datagram.nanoseconds == 7_000_005_000)
    let source =
      isIPv6
      ? CaptureAddress(family: .ipv6, high: 0xfd << 56, low: 7, port: 40_000)
      : .ipv4(10, 0, 0, 7, port: 40_000)
    #expect(datagram.source == source)
    #expect(datagram.destination.port == 8_125 && datagram.destination.low & 0xff == 1)
  }

  @Test func `frames of every link type are read`() throws {
    let (four, six) = (Samples.ipv4(Samples.udp(payload)), Samples.ipv6(Samples.udp(payload)))
    let zeros = [UInt8](repeating: 0, count: 18)
    for link: UInt32 in [12, 14, 101, 228, 0x0001_0065] {
      try expectOne(link, four)
    }
    try expectOne(229, six, isIPv6: true)
    try expectOne(101, six, isIPv6: true)
    try expectOne(1, Samples.ethernet4 + four)
    try expectOne(1, Samples.ethernet6 + six, isIPv6: true)
    try expectOne(113, zeros.prefix(14) + [8, 0] + four)
    try expectOne(113, zeros.prefix(14) + [0x86, 0xdd] + six, isIPv6: true)
    try expectOne(276, [8, 0] + zeros + four)
    try expectOne(0, [2, 0, 0, 0] + four)
    try expectOne(0, [0, 0, 0, 2] + four)
    try expectOne(0, [30, 0, 0, 0] + six, isIPv6: true)
    try expectOne(108, [0, 0, 0, 24] + six, isIPv6: true)
  }

  @Test func `VLAN tags, options, extension heads and padding are passed over`() throws {
    let four = Samples.ipv4(Samples.udp(payload))
    let macs = Samples.ethernet4.prefix(12)
    try expectOne(1, macs + [0x81, 0, 0, 5, 8, 0] + four)
    try expectOne(1, macs + [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0] + four)
    try expectOne(1, Samples.ethernet4 + four + [0, 0, 0, 0, 0])
    try expectOne(101, Samples.ipv4(Samples.udp(payload), options: [1, 1, 1, 1, 1, 1, 1, 0]))
    let hop: [UInt8] = [43, 0, 1, 4, 0, 0, 0, 0]
    let routing: [UInt8] = [17, 1] + [UInt8](repeating: 0, count: 14)
    try expectOne(
      101, Samples.ipv6(hop + routing + Samples.udp(payload), number: 0), isIPv6: true)
    let whole: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 9]
    try expectOne(101, Samples.ipv6(whole + Samples.udp(payload), number: 44), isIPv6: true)
  }

  @Test(arguments: [
    (false, false, Int64(7_000_005_000)), (false, true, 7_000_000_005),
    (true, false, 7_000_005_000), (true, true, 7_000_000_005),
  ])
  func `both byte orders and both units of time are read`(
    isBigEndian: Bool, isNanoseconds: Bool, time: Int64
  ) throws {
    let packet = Samples.ipv4(Samples.udp(payload))
    let file = Samples.file(
      link: 101, isBigEndian: isBigEndian, isNanoseconds: isNanoseconds, [(7, 5, packet)])
    for pieces in [1, 3, 17, 1_000] {
      let (datagrams, reader) = try Samples.read(file, pieces: pieces)
      #expect(datagrams.map(\.nanoseconds) == [time])
      #expect(datagrams.map(\.payload) == [payload])
      #expect(reader.isNanoseconds == isNanoseconds)
      #expect(try reader.finish())
    }
  }

  /// Packets that are no datagrams, each with its reason.
  private static let skips: [(SkipReason, [UInt8])] = [
    (.fragment, CaptureSamples.ipv4(CaptureSamples.udp([1]), fragment: 0x2000)),
    (.fragment, CaptureSamples.ipv4([1, 2, 3, 4, 5, 6, 7, 8], fragment: 1)),
    (.fragment, CaptureSamples.ipv6([17, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3], number: 44)),
    (.fragment, CaptureSamples.ipv6([17, 0, 0, 8, 0, 0, 0, 9, 1, 2, 3], number: 44)),
    (.otherProtocol, CaptureSamples.ipv4([1, 2, 3, 4, 5, 6, 7, 8], number: 6)),
    (.otherProtocol, CaptureSamples.ipv6([1, 2, 3, 4], number: 58)),
    (.otherProtocol, CaptureSamples.ipv6([6, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3], number: 44)),
    (.otherProtocol, [0x50, 0, 0, 0]),
    (.malformed, CaptureSamples.ipv4(CaptureSamples.udp([1], length: 7))),
    (.malformed, CaptureSamples.ipv4(CaptureSamples.udp([1], length: 10))),
    (.malformed, CaptureSamples.ipv4(CaptureSamples.udp([1]), total: 19)),
    (.malformed, CaptureSamples.ipv4(CaptureSamples.udp([1]), total: 27)),
    // It says that it is longer than it was sent.
    (.malformed, CaptureSamples.ipv4(CaptureSamples.udp([1], length: 20), total: 40)),
    (.malformed, CaptureSamples.ipv6(CaptureSamples.udp([1]), length: 7)),
    (.malformed, CaptureSamples.ipv6([17, 255, 0, 0, 0, 0, 0, 0], number: 60)),
    (.malformed, [0x45, 0, 0]), (.malformed, []),
  ]

  @Test(arguments: skips.indices)
  func `what is no datagram is skipped, with a reason`(index: Int) throws {
    let (reason, packet) = Self.skips[index]
    let good = Samples.ipv4(Samples.udp(payload))
    let file = Samples.file(link: 101, [(1, 0, packet), (2, 0, good)])
    let (datagrams, reader) = try Samples.read(file)
    #expect(datagrams.map(\.payload) == [payload])
    #expect(reader.packets == 2)
    #expect(reader.skipped[reason] == 1 && reader.skipped.sum == 1)
  }

  @Test func `a packet that is cut anywhere is skipped as cut`() throws {
    let packet = Samples.ethernet4 + Samples.ipv4(Samples.udp(payload))
    for length in 0..<packet.count {
      let file = Samples.file(link: 1, [(1, 0, packet)], cutTo: length)
      let (datagrams, reader) = try Samples.read(file)
      #expect(datagrams.isEmpty && reader.skipped[.cut] == 1, "cut to \(length)")
    }
    let six = Samples.ipv6(Samples.udp(payload))
    for length in 0..<six.count {
      let (datagrams, reader) = try Samples.read(
        Samples.file(link: 101, [(1, 0, six)], cutTo: length))
      #expect(datagrams.isEmpty && reader.skipped[.cut] == 1, "cut to \(length)")
    }
  }

  @Test func `frames without IP are another protocol`() throws {
    let macs = Samples.ethernet4.prefix(12)
    let tags = [[UInt8]](repeating: [0x81, 0, 0, 1], count: 6).flatMap { $0 }
    for (link, frame): (UInt32, [UInt8]) in [
      (1, macs + [0x08, 0x06, 0, 1]), (1, macs + tags + [8, 0]), (0, [7, 0, 0, 0, 0x45]),
      (276, [0, 1] + [UInt8](repeating: 0, count: 18)),
    ] {
      let (_, reader) = try Samples.read(Samples.file(link: link, [(1, 0, frame)]))
      #expect(reader.skipped[.otherProtocol] == 1)
    }
  }

  @Test func `a file that ends within a packet gives all before it`() throws {
    let packet = Samples.ipv4(Samples.udp(payload))
    let file = Samples.file(link: 101, [(1, 0, packet), (2, 0, packet)])
    let one = Samples.file(link: 101, [(1, 0, packet)]).count
    for length in [one + 1, one + 15, one + 16, file.count - 1] {
      let (datagrams, reader) = try Samples.read(Array(file.prefix(length)))
      #expect(datagrams.count == 1)
      #expect(try !reader.finish())
    }
  }

  @Test func `other files are refused by a sentence`() throws {
    func error(_ bytes: [UInt8]) -> CaptureError? {
      #expect(throws: CaptureError.self) {
        let (_, reader) = try Samples.read(bytes)
        _ = try reader.finish()
      }
    }
    #expect(error([]) == .notCapture)
    #expect(error(Array("name:1|c\nname:2|c\nname:3|c\n".utf8)) == .notCapture)
    #expect(error([0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28]) == .pcapng)
    #expect(error([0x1f, 0x8b, 8, 0, 0, 0]) == .compressed)
    #expect(error(Array(Samples.file(link: 101, []).prefix(23))) == .notCapture)
    #expect(error(Samples.file(link: 147, [])) == .linkType(147))
    var long = Samples.file(link: 101, [(1, 0, [1, 2, 3])])
    long.replaceSubrange(32..<36, with: [1, 0, 4, 0])
    #expect(error(long) == .damaged(offset: 24))
    long.replaceSubrange(32..<36, with: [0xff, 0xff, 0xff, 0xff])
    #expect(error(long) == .damaged(offset: 24))
    #expect(
      CaptureError.pcapng.description
        == "is a pcapng file; convert it: tcpdump -r OLD -w NEW, or editcap -F pcap OLD NEW")
  }

  @Test func `the longest packet is read`() throws {
    let packet = Samples.ipv4(Samples.udp(payload))
    let long = packet + [UInt8](repeating: 0, count: 262_144 - packet.count)
    let (datagrams, _) = try Samples.read(
      Samples.file(link: 101, [(1, 0, long)]), pieces: 65_536)
    #expect(datagrams.map(\.payload) == [payload])
  }
}
