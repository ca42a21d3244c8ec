import Foundation
import TestSupport
import Testing
import WeirConfiguration
import WeirSockets

@testable import WeirDaemon

@Suite struct OwnAddressesTests {
  private let temporary: Folder
  private var path: String { temporary.url.appending(path: "inbox").path }

  init() throws { temporary = try Folder() }

  @Test(arguments: [
    ("127.0.0.1:8125", SocketAddress.loopback(port: 8_125)),
    ("127.0.0.1:8125", .any6(port: 8_125)),
    ("0.0.0.0:8125", .loopback(port: 8_125)),
    (":8125", .loopback(port: 8_125)),
    ("[::]:8125", .loopback6(port: 8_125)),
  ])
  func `a relay to this Weir itself is refused`(text: String, own: SocketAddress) throws {
    var options = Options.Relay()
    options.addresses = [text]
    let sentence =
      "--statsd.relay.address: \(text) is this Weir itself, which listens on \(own.description); write the "
      + "address of another server"
    do throws(StartError) {
      try LineRelay.check(options, listeners: [.path("/a"), .address(own)])
      Issue.record("it was accepted")
    } catch {
      #expect(error.description == sentence)
    }
    let fine: Void? = try? LineRelay.check(options, listeners: [.address(.loopback(port: 8_126))])
    #expect(fine != nil)
  }

  @Test func `a name that becomes the address of this Weir gets no lines`() throws {
    let own = OwnAddresses()
    let connect = own.connector(to: .udp("127.0.0.1:8125"))
    _ = try connect()
    own.set([.address(.any6(port: 8_125))])
    #expect(throws: LineRelayAddressError.own) { _ = try connect() }
  }

  @Test func `a relay to this Weir's own Unix socket is refused, however it is spelled`() throws {
    let folder = temporary.url.path
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link", withDestinationPath: "inbox")
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/folder", withDestinationPath: folder)
    let spellings = [path, "unixgram://" + path, folder + "//inbox", folder + "/folder/inbox"]
    func mistake(_ text: String) -> String? {
      var options = Options.Relay()
      options.addresses = [text]
      do throws(StartError) {
        try LineRelay.check(options, listeners: [.address(.loopback(port: 1)), .path(path)])
        return nil
      } catch {
        return error.description
      }
    }
    // Before the socket is there, as weir check-config sees it, and after that.
    for text in spellings {
      #expect(
        mistake(text)
          == "--statsd.relay.address: \(text) is this Weir itself, which listens on \(path); write the "
          + "address of another server")
    }
    let inbox = Inbox(at: path)
    for text in spellings + [folder + "/link"] { #expect(mistake(text) != nil, "\(text)") }
    #expect(mistake(folder + "/other") == nil)
    #expect(mistake(folder) == nil)
    _ = inbox
  }

  @Test func `a path that becomes that of this Weir gets no lines`() throws {
    let inbox = Inbox(at: path)
    let own = OwnAddresses()
    let connect = own.connector(to: .unix(path))
    _ = try connect()
    own.set([.path(path)])
    #expect(throws: LineRelayAddressError.ownPath) { _ = try connect() }
    _ = inbox
  }
}
