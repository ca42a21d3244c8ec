import Foundation
import Testing

extension SystemTests {
  /// `/api/v1/tap` of a real server, read by curl.
  @Suite("The tap")
  struct TapApiTests {
    private static let paid = "orders.paid:1|c|#shop:de,env:test"
    private static let refunded = "orders.refunded:2|c|#shop:us"
    private static let wait = "queue.wait:12|ms|#shop:de"
    private static let disk = "disk_free,shop=de:5|g"
    private static let unknown = "orders.lost:1|q|#shop:de"
    private static let comma = "queue.size:0,5|g"
    private static let all = [paid, refunded, wait, disk, unknown, comma]

    @Test(
      "shows the lines that its filter admits, each as it came",
      arguments: [
        ("", [paid, refunded, wait, disk]), ("what=accepted", [paid, refunded, wait, disk]),
        ("name=orders.*", [paid, refunded]), ("name=disk_free", [disk]),
        ("label=shop=de", [paid, wait, disk]), ("label=shop=de&label=env=test", [paid]),
        ("name=orders.*&label=shop=us", [refunded]),
        ("sender=127.0.0.0/8", [paid, refunded, wait, disk]),
        ("sender=127.0.0.1&name=queue.wait", [wait]),
        ("what=refused", [unknown, comma]), ("what=refused&reason=bad_value", [comma]),
        ("what=refused&reason=unknown_type&name=*", [unknown]),
        ("what=refused&name=queue.*", [comma]), ("what=refused&label=shop=de", [unknown]),
        ("what=refused&sender=127.0.0.1", [unknown, comma]),
      ])
    func filters(query: String, shown: [String]) throws {
      let weir = try Weir()
      // It ends after the lines that it should show. So one that it should not show would take a place.
      let tap = try TapReader(weir, "\(query)&rate=10000&limit=\(shown.count)")
      let sender = try weir.sender()
      for line in Self.all where !shown.contains(line) { try sender.send(line) }
      for line in Self.all where shown.contains(line) { try sender.send(line) }
      #expect(try tap.wait() == "limit")
      #expect(try tap.lines() == Self.all.filter { shown.contains($0) })
      let source = try sender.localAddress
      for object in try tap.objects().dropLast() {
        #expect(object["sender"] as? String == source)
        #expect((object["time_ms"] as? Int ?? 0) > 1_700_000_000_000)
        let reason = object["reason"] as? String
        let line = object["line"] as? String
        let expected = line == Self.comma ? "bad_value" : "unknown_type"
        #expect(reason == (query.contains("what=refused") ? expected : nil))
      }
      #expect(try tap.curl.wait() == .exit(0))
    }

    @Test("shows lines of one network alone")
    func network() throws {
      let weir = try Weir()
      let address = try #require(weir.udp.first)
      let second = try TapReader(weir, "sender=127.0.0.2&rate=10000&limit=1")
      let all = try TapReader(weir, "rate=10000")
      try SourceSocket(from: "127.0.0.1", to: address).send("first:1|c")
      // The tap of all lines was opened later, so that the other one has seen it by then.
      _ = try eventually("The first line") { try all.lines().isEmpty ? nil : true }
      try SourceSocket(from: "127.0.0.2", to: address).send("second:1|c")
      #expect(try second.wait() == "limit")
      #expect(try second.lines() == ["second:1|c"])
      let sender = try second.objects().first?["sender"] as? String
      #expect(sender?.hasPrefix("127.0.0.2:") == true)
    }

    @Test("shows no more than its rate, and says how many it has not shown")
    func rate() throws {
      let weir = try Weir()
      let start = ContinuousClock.now
      let tap = try TapReader(weir, "rate=20&name=a")
      let lines = Array(repeating: "a:1|c\nb:1|c", count: 20).joined(separator: "\n")
      let sender = try weir.sender()
      for _ in 0..<50 { try sender.send(lines) }
      let notShown = try eventually("1,000 lines", within: 30) {
        let (lines, notShown) = (try tap.lines(), try tap.notShown())
        return lines.count + notShown >= 1_000 ? notShown : nil
      }
      let shown = try tap.lines()
      #expect(shown.count + notShown == 1_000 && shown.allSatisfy { $0 == "a:1|c" })
      // Longer than the server has taken for them.
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      #expect(!shown.isEmpty && Double(shown.count) <= 20 * seconds + 2)
    }

    @Test("ends after its time, and sends an empty line each second until then")
    func seconds() throws {
      let weir = try Weir()
      let tap = try TapReader(weir, "seconds=3")
      #expect(try tap.wait() == "time")
      #expect(tap.body.hasPrefix("\n") && tap.texts.count == 1)
      #expect(try tap.curl.wait() == .exit(0))
    }

    @Test("cuts long lines")
    func long() throws {
      let weir = try Weir()
      let tap = try TapReader(weir, "limit=2&rate=10000")
      try weir.send("short:1|c\nlong:1" + String(repeating: ":1", count: 2_500) + "|c")
      #expect(try tap.wait() == "limit")
      let objects = try tap.objects()
      #expect(objects.map { $0["cut"] as? Bool } == [nil, true, nil])
      #expect((objects[1]["line"] as? String)?.utf8.count == 4_096)
    }

    @Test("has four places, and a reader that goes gives its place back")
    func places() throws {
      let weir = try Weir()
      let address = try weir.webAddress()
      var taps: [TapReader] = []
      for _ in 0..<4 { taps.append(try TapReader(weir, "seconds=600")) }
      let refused = try http(address, "/api/v1/tap")
      #expect(refused.status == 503 && refused.fields["retry-after"] == "10")
      #expect(refused.text.contains("there are 4 taps already"))
      // A question for its head takes none.
      #expect(try http(address, "/api/v1/tap", method: "HEAD").status == 200)
      let gone = taps.removeLast()
      gone.curl.signal(SIGKILL)
      _ = try gone.curl.wait()
      _ = try eventually("A free place", within: 60) {
        try http(address, "/api/v1/tap?seconds=1").status == 200 ? true : nil
      }
      // The others have not ended.
      for tap in taps { #expect(tap.curl.poll() == nil) }
      try weir.send("a:1|c")
      for tap in taps {
        _ = try eventually("The line") { try tap.lines() == ["a:1|c"] ? true : nil }
      }
    }

    @Test("ends when the server stops, and says so")
    func stop() throws {
      let weir = try Weir()
      let tap = try TapReader(weir, "seconds=600")
      try weir.send("a:1|c")
      _ = try eventually("The line") { try tap.lines().isEmpty ? nil : true }
      #expect(try weir.stop() == .exit(0))
      #expect(try tap.wait() == "stop")
      #expect(try tap.curl.wait() == .exit(0) && tap.lines() == ["a:1|c"])
    }

    @Test("is not there where lines are hidden")
    func hidden() throws {
      let weir = try Weir("--no-web.show-lines")
      let answer = try http(try weir.webAddress(), "/api/v1/tap")
      #expect(answer.status == 403 && answer.text.contains("--no-web.show-lines"))
    }
  }
}
