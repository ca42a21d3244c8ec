import CLinux
import Glibc
import TestSupport
import Testing

@testable import WeirSockets

@Suite("A Unix socket")
struct UnixSocketTests {
  private let folder: Folder
  private let flag = "--statsd.listen-unixgram"

  init() throws { folder = try Folder() }

  private func path(_ name: String = "weir.sock") throws -> UnixPath {
    try #require(UnixPath("\(folder.path)/\(name)"))
  }

  private func connected(to path: UnixPath, _ type: __socket_type) -> Int32? {
    let raw = socket(AF_UNIX, Int32(type.rawValue), 0)
    if path.withAddress({ connect(raw, $0, $1) }) == 0 { return raw }
    close(raw)
    return nil
  }

  @Test("has a path of at most 107 bytes")
  func paths() {
    #expect(UnixPath("") == nil && UnixPath("a\0b") == nil)
    #expect(UnixPath(String(repeating: "a", count: 107)) != nil)
    #expect(UnixPath(String(repeating: "a", count: 108)) == nil)
  }

  @Test("has the mode that was asked for, whatever the umask", arguments: [0o600, 0o622, 0o777])
  func modes(_ mode: Int) throws {
    let path = try path()
    let datagrams = try UnixDatagramSocket.bind(to: path, mode: UInt32(mode), flag: flag)
    #expect(try folder.mode("weir.sock") == mode)
    let isOwn = datagrams.file?.path == path
    #expect(isOwn)
    let other = try self.path("other.sock")
    let listener = try UnixListener.bind(to: other, mode: UInt32(mode), flag: flag)
    #expect(try folder.mode("other.sock") == mode)
    #expect(UnixPath.of(listener.descriptor.raw) == other.text)
  }

  @Test("removes its file at the end, and no other's")
  func removal() throws {
    let path = try path()
    do {
      let socket = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
      #expect(folder.names == ["weir.sock"])
      socket.file?.remove()
      #expect(folder.names == [])
      folder.write("weir.sock", [1])
      socket.file?.remove()
    }
    #expect(folder.bytes("weir.sock") == [1])
    unlink(path.text)
    do {
      let socket = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
      // Another process removes it and puts its own there.
      unlink(path.text)
      folder.write("other", [2])
      rename("\(folder.path)/other", path.text)
      _ = socket.path
    }
    #expect(folder.bytes("weir.sock") == [2])
    unlink(path.text)
    do { _ = try UnixListener.bind(to: path, mode: 0o755, flag: flag) }
    #expect(folder.names == [])
  }

  @Test("replaces the file of a process that has ended", arguments: [SOCK_DGRAM, SOCK_STREAM])
  func stale(_ type: __socket_type) throws {
    let path = try path()
    let raw = socket(AF_UNIX, Int32(type.rawValue), 0)
    #expect(path.withAddress { bind(raw, $0, $1) } == 0)
    if type == SOCK_STREAM { listen(raw, 1) }
    close(raw)
    let before = folder.inode(of: "weir.sock")
    #expect(before != nil)
    for _ in 0..<2 {
      let socket = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
      let client = try #require(connected(to: path, SOCK_DGRAM))
      close(client)
      _ = socket.path
    }
    #expect(folder.names == [])
    let listener = try UnixListener.bind(to: path, mode: 0o755, flag: flag)
    let client = try #require(connected(to: path, SOCK_STREAM))
    #expect(waitReadable(listener.descriptor.raw))
    let stream = try required(try listener.descriptor.acceptStream())
    #expect(stream.peerProcess() == Int(getpid()))
    close(client)
  }

  @Test("leaves the socket of a living process alone, of either kind")
  func living() throws {
    let path = try path()
    let sentence =
      "cannot listen on \(path.text): another program listens there; stop it, or choose "
      + "another path with \(flag)"
    do {
      let first = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
      #expect(
        WeirSocketsTests.sentence {
          _ = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
        }
          == sentence)
      #expect(
        WeirSocketsTests.sentence { _ = try UnixListener.bind(to: path, mode: 0o755, flag: flag) }
          == sentence)
      _ = first.path
    }
    let first = try UnixListener.bind(to: path, mode: 0o755, flag: flag)
    #expect(
      WeirSocketsTests.sentence { _ = try UnixListener.bind(to: path, mode: 0o755, flag: flag) }
        == sentence)
    #expect(
      WeirSocketsTests.sentence {
        _ = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
      }
        == sentence)
    #expect(folder.names == ["weir.sock"])
    _ = first.path
  }

  @Test("leaves a file that is no socket alone")
  func otherFile() throws {
    let path = try path()
    folder.write("weir.sock", [7])
    #expect(
      sentence { _ = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag) }
        == "cannot listen on \(path.text): there is a file that is no socket; remove it, or choose "
        + "another path with \(flag)")
    #expect(folder.bytes("weir.sock") == [7])
    let missing = try self.path("none/weir.sock")
    #expect(
      sentence { _ = try UnixListener.bind(to: missing, mode: 0o755, flag: flag) }
        == "cannot listen on \(missing.text): bind failed: No such file or directory (errno 2); choose "
        + "another path with \(flag), in a folder that this user may write to")
  }

  @Test("of datagrams gives them in batches, and none that is longer than 64 KiB")
  func datagrams() throws {
    let path = try path()
    let socket = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
    let client = try #require(connected(to: path, SOCK_DGRAM))
    defer { close(client) }
    var batch = DatagramBatch(capacity: 8)
    // One by one, because a sender waits where the queue is full.
    for (size, length) in [(0, 0), (1, 1), (65_536, 65_536), (65_537, 0), (100_000, 0)] {
      #expect(send(client, [UInt8](repeating: 97, count: size), size, 0) == size)
      #expect(try batch.receive(from: socket) == 1)
      let (found, tooLong) = (batch.length(of: 0), batch.tooLong)
      #expect(found == length && tooLong == (size > 65_536 ? 1 : 0))
    }
    let (source, reply) = (batch.source(of: 0), batch.replyAddress(of: 0))
    #expect(source == .named(path.text) && reply == nil)
    let isAnswered = batch.answer(0, with: [1].span)
    #expect(!isAnswered)
    // The next call begins anew.
    #expect(send(client, [1], 1, 0) == 1)
    #expect(try batch.receive(from: socket) == 1)
    let none = batch.tooLong
    #expect(none == 0)
  }

  @Test("of datagrams answers a sender that has a path")
  func answers() throws {
    let (path, own) = (try path(), try path("sender.sock"))
    let socket = try UnixDatagramSocket.bind(to: path, mode: 0o755, flag: flag)
    let client = try UnixDatagramSocket.bind(to: own, mode: 0o755, flag: flag)
    #expect(path.withAddress { connect(client.descriptor.raw, $0, $1) } == 0)
    #expect(send(client.descriptor.raw, [5], 1, 0) == 1)
    var batch = DatagramBatch(capacity: 2)
    #expect(try batch.receive(from: socket) == 1)
    let isAnswered = batch.answer(0, with: [6, 7].span)
    #expect(isAnswered)
    var bytes = [UInt8](repeating: 0, count: 4)
    #expect(recv(client.descriptor.raw, &bytes, 4, 0) == 2 && bytes[..<2] == [6, 7])
  }
}
