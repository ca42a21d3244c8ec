import Foundation
import Testing
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirSockets

@testable import WeirDaemon

@Suite("weir forget")
struct ForgetTests {
  private static let port = UInt16.random(in: 1...60_000)
  private let log = Log(level: .error, format: .logfmt)

  private func forgetter(_ refusal: String? = nil) -> Forgetter {
    Forgetter(owners: Owners(aggregator: Aggregator()), log: log, refusal: { refusal })
  }

  @Test("reads its command line")
  func commandLine() throws {
    let table: [(arguments: [String], sentence: String)] = [
      ([], "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'"),
      (
        ["a", "b"],
        "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'"
      ),
      (
        ["*"],
        "the selector matches series without any value; name a metric, or a value that a label must have"
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
        method: "POST", path: ForgetPage.path, query: "match[]=a", headers: ["Sec-Fetch-Site": site]
      ))
    #expect(answer.status == (site == "same-origin" ? 200 : 403))
  }

  @Test("asks the Weir of the same user over a socket")
  func socket() async {
    func ask(_ port: UInt16, _ selector: String, user: UInt32 = geteuid()) async -> String {
      await withCheckedContinuation { done in
        Thread.detachNewThread {
          do {
            done.resume(
              returning: try ForgetCommand.ask(
                .loopback(port: port), selector, isDry: true, user: user, seconds: 10))
          } catch {
            done.resume(returning: "\(error)")
          }
        }
      }
    }
    let service = ForgetService(log: log, forgetter: forgetter())
    await service.start([.any4(port: Self.port)])
    #expect(
      await ask(Self.port, "a") == "no series matches a; look at the names and labels in a scrape")
    #expect(await ask(Self.port, "{}").hasPrefix("the selector matches series without any value; "))
    #expect(await ask(Self.port, "a", user: geteuid() + 1).hasSuffix("as the user of weir"))
    await service.end()
    #expect(await ask(Self.port &+ 1, "a").hasPrefix("no weir that can forget serves "))
  }
}
