import Dispatch
import Glibc
import TestSupport
import Testing
import WeirBytes
import WeirConfiguration
import WeirPush

@testable import WeirDaemon

/// A UDP socket of the loopback that receives and answers.
private final class LoopbackInbox: Sendable {
  let descriptor: Int32
  let port: UInt16

  /// - Parameter port: 0 for a free one.
  init(port: UInt16 = 0) throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    self.port = UInt16(bigEndian: address.sin_port)
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  var address: String { "127.0.0.1:\(port)" }

  /// The next datagram; nil if none comes. What `answer` makes of it goes back.
  func next(answer: ([UInt8]) -> [UInt8]? = { _ in nil }) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var peer = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &peer) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
        let count = recvfrom(descriptor, &buffer, buffer.count, 0, peer, &size)
        guard count >= 0 else { return nil }
        let bytes = Array(buffer[..<count])
        if let answer = answer(bytes) { sendto(descriptor, answer, answer.count, 0, peer, size) }
        return bytes
      }
    }
  }
}

@Suite struct SendSocketTests {
  @Test func `a datagram is sent though an earlier one was refused`() throws {
    var inbox: LoopbackInbox? = try LoopbackInbox()
    let address = try #require(inbox?.address)
    let port = try #require(inbox?.port)
    inbox = nil
    var socket = try SendSocket(.udp(address))
    #expect(try socket.send([1]))
    #expect(!socket.isRefused)
    // The answer of the host to the first one is there before this one is sent.
    let later = try LoopbackInbox(port: port)
    #expect(try socket.send([2]))
    #expect(socket.isRefused)
    #expect(later.next() == [2])
  }

  @Test func `what is too long for a datagram is said`() throws {
    let inbox = try LoopbackInbox()
    var socket = try SendSocket(.udp(inbox.address))
    let failure = #expect(throws: CommandFailure.self) {
      try socket.send([UInt8](repeating: 0x61, count: 70_000))
    }
    #expect(
      failure
        == .trouble(
          "\(inbox.address) takes no datagram of 70000 bytes; write shorter lines"))
  }
}

@Suite struct FrameSenderTests {
  private func records(_ count: Int, labelBytes: Int = 10) -> [PushFrameWriter.Record] {
    let value = String(repeating: "v", count: labelBytes)
    return (0..<count).map {
      .counter(PushFrameWriter.Series("a\($0)", labels: [.init("k", value)]), total: 1)
    }
  }

  @Test func `records are in frames of a packet, and long ones in their own`() throws {
    let inbox = try LoopbackInbox()
    let sender = try FrameSender(to: inbox.address, key: nil)
    let frames = try sender.frames(records(300))
    #expect(frames.count > 1)
    #expect(frames.allSatisfy { $0.bytes.count <= PushFormat.frameBytesDefault })
    // Each has a sequence number, and so an answer of its own.
    #expect(Set(frames.map(\.answer)).count == frames.count)
    let long = try sender.frames(records(1, labelBytes: 3_000))
    #expect(long.count == 1)
    #expect(throws: CommandFailure.self) { try sender.frames(records(1, labelBytes: 70_000)) }
  }

  @Test func `a frame is sent again until its own answer comes`() throws {
    let inbox = try LoopbackInbox()
    let sender = try FrameSender(to: inbox.address, key: nil)
    let frame = try #require(try sender.frames(records(1), flags: .confirm).first)
    let received = Locked<[[UInt8]?]>([])
    // On a thread of its own, because both block.
    let server = DispatchGroup()
    DispatchQueue(label: "receiver").async(group: server) {
      // The first is lost, the second answer is about another frame.
      for answer in [nil, Array(frame.answer.dropLast()), frame.answer] {
        let next = inbox.next { _ in answer }
        received.withLock { $0.append(next) }
      }
    }
    #expect(sender.deliver([frame], within: .seconds(10)) == 1)
    server.wait()
    #expect(received.withLock { $0 } == [frame.bytes, frame.bytes, frame.bytes])
  }

  @Test func `the first key that is not for forwarders signs`() throws {
    func key(_ ids: [(String, Bool)]) throws -> String? {
      let folder = try Folder()
      let secret = String(repeating: "0f", count: 16)
      let list = ids.map { "{id: \($0.0), secret: \(secret), forwarder: \($0.1)}" }
      folder.write("keys.yml", Array("keys: [\(list.joined(separator: ", "))]\n".utf8))
      chmod("\(folder.path)/keys.yml", 0o600)
      guard
        case .run(let options) = try Invocation.parse(
          ["--push.keys-file=\(folder.path)/keys.yml"], cores: 1)
      else { return nil }
      return try FrameSender.key(options.push).map { String(decoding: $0.id, as: UTF8.self) }
    }
    #expect(try key([("f", true), ("a", false), ("b", false)]) == "a")
    #expect(try key([("f", true)]) == "f")
  }
}

@Suite struct DemoSenderTests {
  private func recorded(_ instance: Int, _ count: Double) -> (Int, GatewaySample) {
    (instance, GatewaySample("llm_requests_total", ["status": "ok"], .count(count)))
  }

  private func sender(_ inbox: LoopbackInbox, _ flags: [String]) throws -> DemoSender {
    guard
      case .run(let options) = try Invocation.parse(
        flags, operandsMax: 1, cores: 1, flags: .send
      ).invocation
    else {
      throw TestServer.NoServer()
    }
    return try DemoSender(.udp(inbox.address), options)
  }

  @Test func `an instance that dies has not pushed what came after its last frame`() throws {
    let inbox = try LoopbackInbox()
    var sender = try sender(inbox, ["--push"])
    try sender.send([recorded(1, 3), recorded(2, 1)], at: 0, alive: [1, 2])
    try sender.send([recorded(1, 4), recorded(2, 1)], at: 0.5, alive: [1, 2])
    #expect(sender.packets == 2)
    try sender.send([], at: 0.6, alive: [2])
    #expect(sender.requestsUnsent == 4)
    try sender.send([], at: 1, alive: [2])
    #expect(sender.packets == 3)
    #expect(sender.requestsUnsent == 4)
  }

  @Test func `at the end each instance says that it ends, without gauges`() throws {
    let inbox = try LoopbackInbox()
    var sender = try sender(inbox, ["--push"])
    let gauge = (1, GatewaySample("depth", ["instance": "a"], .set(5)))
    try sender.send([recorded(1, 3), gauge], at: 0, alive: [1])
    let text = { (bytes: [UInt8]?) in String(decoding: bytes ?? [], as: UTF8.self) }
    let first = inbox.next()
    #expect(text(first).contains("depth") && text(first).contains("llm_requests_total"))
    try sender.finish()
    #expect(sender.unconfirmed == 1)
    let last = try #require(inbox.next())
    // The flags are behind the magic of three bytes.
    #expect(PushFormat.Flags(rawValue: last[3]) == [.final, .confirm])
    #expect(text(last).contains("llm_requests_total") && !text(last).contains("depth"))
  }
}
