import Foundation
import Testing
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirMetrics
import WeirSockets
import WeirWire

@testable import WeirDaemon

@Suite("weir forget")
struct ForgetTests {
  private static let port = UInt16.random(in: 1...60_000)
  private let log = Log(level: .error, format: .logfmt)

  private func forgetter(
    _ refusal: String? = nil, _ aggregator: Aggregator = Aggregator()
  ) -> Forgetter {
    Forgetter(owners: Owners(aggregator: aggregator), log: log, refusal: { refusal })
  }

  /// Two series of one name.
  private func counted() -> Aggregator {
    let aggregator = Aggregator()
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array("a:1|c|#k:1\na:1|c|#k:2".utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    return aggregator
  }

  private func series(_ aggregator: Aggregator) -> Int {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var count = 0
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { _, _ in count += 1 }
    }
    return count
  }

  @Test("reads its command line")
  func commandLine() throws {
    let table: [(arguments: [String], sentence: String)] = [
      ([], "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'"),
      (
        [""],
        "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'"
      ),
      (
        ["a", "b"],
        "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'"
      ),
      (
        ["*"],
        "the selector matches series without any value; name a metric, or a value that a label "
          + "must have"
      ),
    ]
    for (arguments, sentence) in table {
      let error = #expect(throws: UsageError.self) {
        try Command.parse(["forget"] + arguments, cores: 1)
      }
      #expect(error?.description == sentence)
    }
    #expect(Command.misuseStatus(of: ["forget"]) == 2)
    guard case .run = try Command.parse(["forget", "a*", "--dry-run"], cores: 1) else {
      Issue.record("it does not run")
      return
    }
  }

  @Test("the page needs the flag, and answers a mistake with a sentence")
  func page() {
    func answer(_ query: String?, isEnabled: Bool = true, refusal: String? = nil) -> String {
      let page = ForgetPage(isEnabled: isEnabled, forgetter: forgetter(refusal))
      let answer = page.respond(
        to: HTTPRequest(method: "POST", path: ForgetPage.path, query: query))
      guard case .bytes(let body) = answer.body else { return "a stream" }
      return "\(answer.status) \(String(decoding: body, as: UTF8.self))"
    }
    #expect(answer("match[]=a", isEnabled: false).hasPrefix("403 this is not allowed; "))
    #expect(answer("match[]=a") == "200 forgot 0 series of 0 names\n")
    #expect(
      answer("match%5B%5D=a%2A&match[]=b&dry_run=1") == "200 would forget 0 series of 0 names\n")
    #expect(answer(nil) == "400 there is no selector; write match[]=name{label=\"value\"}\n")
    #expect(answer("match[]=a&dry_run=yes") == "400 dry_run is not a truth value; write 1 or 0\n")
    #expect(
      answer("match[]=a&dryrun=1")
        == "400 there is an unknown parameter; write match[] and dry_run only\n")
    let unreadable =
      "400 a parameter can't be read; write each as name=value, with percent signs as %25\n"
    for pair in ["dry_run", "dry_run=%zz", "match[]", "match[]=%", "dry%run=1", "match[]=%FF"] {
      #expect(answer("match[]=a&\(pair)") == unreadable, "\(pair)")
      #expect(answer("\(pair)&match[]=a") == unreadable, "\(pair)")
    }
    for value in ["", "2", "TRUE", "1%20"] {
      #expect(
        answer("match[]=a&dry_run=\(value)")
          == "400 dry_run is not a truth value; write 1 or 0\n", "\(value)")
    }
    #expect(
      answer(Array(repeating: "match[]=a", count: 17).joined(separator: "&"))
        == "400 there are 17 selectors; write at most 16\n")
    #expect(answer("match[]=a", refusal: "go away") == "409 go away\n")
  }

  @Test(
    "a page of another site may not use what changes something",
    arguments: ["cross-site", "same-origin"])
  func otherSite(site: String) {
    let page = ForgetPage(isEnabled: true, forgetter: forgetter())
    let answer = page.respond(
      to: HTTPRequest(
        method: "POST", path: ForgetPage.path, query: "match[]=a",
        headers: ["Sec-Fetch-Site": site]))
    #expect(answer.status == (site == "same-origin" ? 200 : 403))
  }

  @Test(
    "the page removes series, and with dry_run only says which",
    arguments: [
      ("", false), ("&dry_run=0", false), ("&dry_run=false", false), ("&dry_run=1", true),
    ]
      + [("&dry_run=true", true), ("&dry_run=0&dry_run=1", true)])
  func dryPage(_ query: String, isDry: Bool) {
    let aggregator = counted()
    let page = ForgetPage(isEnabled: true, forgetter: forgetter(nil, aggregator))
    let answer = page.respond(
      to: HTTPRequest(method: "POST", path: ForgetPage.path, query: "match[]=a\(query)"))
    guard case .bytes(let body) = answer.body else { return }
    #expect(
      String(decoding: body, as: UTF8.self)
        == "\(isDry ? "would forget" : "forgot") 2 series of 1 name\n  a  2\n")
    #expect(series(aggregator) == (isDry ? 2 : 0))
  }

  @Test("the command removes series, and with --dry-run only says which")
  func drySocket() async {
    let aggregator = counted()
    let port = UInt16.random(in: 60_001...65_000)
    let service = ForgetService(log: log, forgetter: forgetter(nil, aggregator))
    await service.start([.any4(port: port)])
    #expect(
      await ask(port, "a{k=\"1\"}", isDry: true) == "would forget 1 series of 1 name\n  a  1\n")
    #expect(series(aggregator) == 2)
    #expect(await ask(port, "a{k=\"1\"}", isDry: false) == "forgot 1 series of 1 name\n  a  1\n")
    #expect(series(aggregator) == 1)
    await service.end()
  }

  private func ask(
    _ port: UInt16, _ selector: String, isDry: Bool = true, user: UInt32 = geteuid()
  ) async -> String {
    await withCheckedContinuation { done in
      Thread.detachNewThread {
        do {
          done.resume(
            returning: try ForgetCommand.ask(
              .loopback(port: port), selector, isDry: isDry, user: user))
        } catch {
          done.resume(returning: "\(error)")
        }
      }
    }
  }

  @Test("asks the Weir of the same user over a socket")
  func socket() async throws {
    let service = ForgetService(log: log, forgetter: forgetter())
    await service.start([.any4(port: Self.port)])
    #expect(
      await ask(Self.port, "a") == "no series matches a; look at the names and labels in a scrape")
    #expect(await ask(Self.port, "{}").hasPrefix("the selector matches series without any value; "))
    #expect(await ask(Self.port, "a", user: geteuid() + 1).hasSuffix("as the user of weir"))
    // A request may come in parts.
    let parts = try LocalSocket.connect(
      HealthName.forget(.any4(port: Self.port)), timeoutSeconds: 60)
    parts.send("1")
    parts.send("a\0")
    #expect(try parts.receive(bytesMax: 100).hasPrefix("n"))
    await service.end()
    #expect(await ask(Self.port &+ 1, "a").hasPrefix("no weir that can forget serves "))
  }
}
