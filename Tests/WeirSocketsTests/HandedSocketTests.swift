import CLinux
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import WeirSockets

@Suite("Sockets that are handed over")
struct HandedSocketTests {
  /// Descriptors at consecutive numbers that no other test uses, as systemd passes them.
  private struct Handed {
    private static let used = Atomic<Int32>(400)
    let first: Int32

    init(_ raws: [Int32]) {
      let count = Int32(raws.count)
      first = Handed.used.add(count, ordering: .relaxed).oldValue
      for (index, raw) in raws.enumerated() {
        dup2(raw, first + Int32(index))
        close(raw)
      }
    }
  }

  private func bound(_ family: Int32, _ type: __socket_type, listens: Bool = true) throws -> Int32 {
    let descriptor = try FileDescriptor.socket(family: family, type: type)
    try descriptor.bind(to: family == AF_INET6 ? .loopback6(port: 0) : .loopback(port: 0))
    let raw = descriptor.release()
    if type == SOCK_STREAM, listens { listen(raw, 4) }
    // systemd may pass blocking ones.
    _ = fcntl(raw, F_SETFL, 0)
    return raw
  }

  private func all(
    _ handed: Handed, _ count: Int, names: String? = nil, process: Int32 = 77
  ) throws -> [HandedSocket] {
    try HandedSocket.all(process: process, first: handed.first) { name in
      switch name {
      case "LISTEN_PID": "77"
      case "LISTEN_FDS": "\(count)"
      case "LISTEN_FDNAMES": names
      default: nil
      }
    }
  }

  @Test("are known by type, address and name")
  func kinds() throws {
    let folder = try Folder()
    let path = try #require(UnixPath("\(folder.path)/a.sock"))
    let unixgram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    #expect(path.withAddress { bind(unixgram, $0, $1) } == 0)
    let stream = try #require(UnixPath("\(folder.path)/b.sock"))
    let unix = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #expect(stream.withAddress { bind(unix, $0, $1) } == 0)
    listen(unix, 4)
    let handed = Handed([
      try bound(AF_INET, SOCK_DGRAM), try bound(AF_INET6, SOCK_STREAM), unixgram, unix,
    ])
    let sockets = try all(handed, 4, names: "statsd:web:weir.socket")
    #expect(sockets.map(\.kind) == [.udp, .tcp, .unixgram, .unix])
    #expect(sockets.map(\.label) == ["statsd", "web", "weir.socket", ""])
    #expect(sockets[2].name == .path(path.text) && sockets[3].name == .path(stream.text))
    #expect(sockets[0].name.address?.host == "127.0.0.1" && sockets[1].name.address?.host == "::1")
    for index in 0..<4 {
      let raw = handed.first + Int32(index)
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0 && fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
    }
    // Their files belong to the process that made them.
    do {
      let datagrams = sockets[2].takeUnixDatagram()
      let listener = sockets[3].takeUnixListener()
      #expect(datagrams.file == nil && listener.file == nil)
    }
    #expect(folder.names == ["a.sock", "b.sock"])
    let listener = sockets[1].takeTCP()
    let isEmpty = try listener.accept() == nil
    #expect(isEmpty)
  }

  @Test("take in what was sent before, several sockets of an address as one group")
  func udp() throws {
    let first = try UDPSocket.bind(
      to: .loopback(port: 0), isIPv6Only: false, readBufferBytes: nil, sharing: .first)
    let second = try UDPSocket.bind(
      to: first.address, isIPv6Only: false, readBufferBytes: nil, sharing: .another)
    let address = first.address
    for _ in 0..<16 {
      let sender = try Sender(to: address)
      #expect(sender.send([1]))
    }
    let handed = Handed([dup(first.descriptor.raw), dup(second.descriptor.raw)])
    let sockets = try all(handed, 2)
    var group = UDPGroup.taking(sockets, readBufferBytes: 1 << 20)
    #expect(group.address == address && group.receiveBufferBytes > 0)
    var batch = DatagramBatch()
    var count = 0
    while let socket = group.next() { count += try batch.receive(from: socket) }
    #expect(count == 16)
  }

  @Test("are none where the variables are for another process, or not set")
  func none() throws {
    let handed = Handed([])
    #expect(try all(handed, 3, process: 78).isEmpty)
    #expect(try all(handed, 0).isEmpty)
    #expect(try HandedSocket.all { _ in nil }.isEmpty)
  }

  @Test("that nothing can be received from are one sentence each")
  func refused() throws {
    func said(_ raw: Int32, names: String? = "x") -> String? {
      let handed = Handed([raw])
      let said = sentence { _ = try all(handed, 1, names: names) }
      // It may be one that somebody else in this process has opened.
      #expect(fcntl(handed.first, F_GETFD) >= 0)
      close(handed.first)
      return said?.replacing("descriptor \(handed.first)", with: "descriptor N")
    }
    #expect(
      said(open("/dev/null", O_RDONLY))
        == "descriptor N (x), which was handed over, is no socket; hand over sockets only")
    #expect(
      said(try bound(AF_INET, SOCK_STREAM, listens: false), names: nil)
        == "descriptor N, which was handed over, is a connection and not a listening socket; write "
        + "Accept=no")
    #expect(
      said(socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0))
        == "descriptor N (x), which was handed over, is neither a stream nor a datagram socket; hand "
        + "over ListenStream= and ListenDatagram= only")
    #expect(
      said(socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0))
        == "descriptor N (x), which was handed over, is not bound to an address or a path; hand over "
        + "such sockets only")
    #expect(
      sentence { _ = try HandedSocket(399, label: "") }
        == "descriptor 399, which was handed over, is not open; hand over as many as LISTEN_FDS says"
    )
  }
}
