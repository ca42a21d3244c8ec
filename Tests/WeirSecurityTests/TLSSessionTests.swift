import COpenSSL
import Foundation
import Testing

@testable import WeirSecurity

/// The work of one call is limited, whatever the peer sends.
@Suite struct TLSSessionTests {
  /// Two connected, non-blocking sockets.
  private func pair() -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends)
    return (ends[0], ends[1])
  }

  private func unread(_ socket: Int32) -> Int {
    var count: Int32 = 0
    _ = ioctl(socket, UInt(FIONREAD), &count)
    return Int(count)
  }

  private func context() throws -> TLSContext {
    let own = try TestCertificate()
    return try TLSContext(TLSSettings(certificate: own.certificate, key: own.key))
  }

  @Test func `each call processes only one key update`() throws {
    let (own, peer) = pair()
    defer {
      close(own)
      close(peer)
    }
    let session = try #require(TLSSession(try context(), descriptor: own))
    let settings = SSL_CTX_new(TLS_client_method())
    defer { SSL_CTX_free(settings) }
    let client = SSL_new(settings)
    defer { SSL_free(client) }
    SSL_set_fd(client, peer)
    SSL_set_connect_state(client)
    #expect(!session.hasAnsweredHello)
    var outcome = TLSSession.Outcome.wantsToRead
    for _ in 0..<4 {
      SSL_do_handshake(client)
      if outcome == .wantsToRead { outcome = session.handshake() }
    }
    #expect(outcome == .done(0))
    #expect(session.hasAnsweredHello)
    #expect(unread(own) == 0)
    for _ in 0..<100 {
      SSL_key_update(client, 0)
      SSL_do_handshake(client)
    }
    SSL_write(client, "hello", 5)
    let all = unread(own)
    var buffer = [UInt8](repeating: 0, count: 100)
    var span = buffer.mutableSpan
    #expect(session.receive(into: &span) == .wantsToRead)
    let one = all - unread(own)
    #expect(one > 0 && one < 50)
    var calls = 1
    while session.receive(into: &span) == .wantsToRead, calls < 1_000 { calls += 1 }
    #expect(calls == 100)
    #expect(Array(buffer[..<5]) == Array("hello".utf8))
  }

  @Test func `a call reads a limited number of bytes, and the next call continues`() throws {
    let (own, peer) = pair()
    defer {
      close(own)
      close(peer)
    }
    let bio = SocketBIO.make(own)
    defer { BIO_free(bio) }
    let most = SocketBIO.readBytesMax
    let sent = [UInt8](repeating: 7, count: 50_000)
    #expect(send(peer, sent, sent.count, 0) == sent.count)
    var buffer = [UInt8](repeating: 0, count: 6_000)
    func readAll() -> Int {
      var total = 0
      while case let count = Int(BIO_read(bio, &buffer, Int32(buffer.count))), count > 0 {
        total += count
      }
      return total
    }
    #expect(readAll() == most)
    // The BIO asks for a retry; this is not the end of the stream.
    #expect(BIO_test_flags(bio, BIO_FLAGS_SHOULD_RETRY) != 0)
    #expect(readAll() == 0)
    SocketBIO.allowReading(bio)
    #expect(readAll() == most)
    SocketBIO.allowReading(bio)
    #expect(readAll() == sent.count - 2 * most)
    SocketBIO.allowReading(bio)
    #expect(BIO_read(bio, &buffer, 100) == -1)
    shutdown(peer, Int32(SHUT_RDWR))
    #expect(BIO_read(bio, &buffer, 100) == 0)
    #expect(BIO_test_flags(bio, BIO_FLAGS_SHOULD_RETRY) == 0)
  }
}
