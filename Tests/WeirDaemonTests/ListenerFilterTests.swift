import Testing
import WeirSockets

@testable import WeirDaemon

@Suite("The filter of a listener")
struct ListenerFilterTests {
  @Test("is that of the listener, with the networks that are for all")
  func perListener() throws {
    let filters = try ListenerFilter.of(
      listeners: ["a:1", "b:2"], allow: ["a:1=10.0.0.0/8", "::1"], takesText: false)
    let (first, second) = (try #require(filters["a:1"]), try #require(filters["b:2"]))
    let inside = try #require(try ListenAddress.resolve("10.1.2.3:7").first)
    let local = try #require(try ListenAddress.resolve("[::1]:7").first)
    #expect(first.networks.contains(inside) && first.networks.contains(local))
    #expect(!second.networks.contains(inside) && second.networks.contains(local))
    #expect(!first.takesText && !second.takesText)
    let open = try ListenerFilter.of(listeners: ["a:1"], allow: [], takesText: true)
    #expect(open["a:1"]?.takesText == true && open["a:1"]?.networks.isEmpty == true)
  }

  @Test("admits a message without an address only where every source is allowed")
  func withoutAddress() throws {
    var messages = Messages()
    messages.append(Array("a:1|c".utf8))
    #expect(ListenerFilter().admits(0, of: messages))
    let filters = try ListenerFilter.of(
      listeners: ["a:1"], allow: ["0.0.0.0/0", "::/0"], takesText: true)
    let filter = try #require(filters["a:1"])
    #expect(!filter.admits(0, of: messages))
  }
}
