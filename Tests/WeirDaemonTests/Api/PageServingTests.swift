import Testing
import WeirHTTP
import WeirPage
import WeirSockets

@testable import WeirDaemon

@Suite("The page")
struct PageServingTests {
  private func router(at path: String) -> HTTPRouter {
    var router = HTTPRouter()
    let hosts = HostRule(names: [], hasUsers: { false })
    hosts.use([.loopback(port: 1)])
    PageServing(path: path) { "all well\n" }.add(to: &router, guardedBy: ApiPages(hosts: hosts))
    return router
  }

  private static let browser: HTTPHeaders = [
    "Host": "localhost", "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  ]

  private func ask(
    _ path: String, at page: String = "/", _ headers: HTTPHeaders = browser
  ) async -> (response: HTTPResponse, text: String) {
    let response = await router(at: page).respond(to: HTTPRequest(path: path, headers: headers))
    guard case .bytes(let bytes) = response.body else { return (response, "") }
    return (response, String(decoding: bytes, as: UTF8.self))
  }

  @Test("is HTML for a browser, with headers that let it load and send nothing elsewhere")
  func browser() async {
    let (response, text) = await ask("/")
    #expect(response.status == 200)
    #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
    #expect(text.lowercased().hasPrefix("<!doctype html>") && text.contains("ui/weir.css"))
    #expect(!text.contains(PageFile.folderMark))
    let policy = response.headers["Content-Security-Policy"] ?? ""
    for rule in [
      "default-src 'none'", "require-trusted-types-for 'script'", "frame-ancestors 'none'",
    ] {
      #expect(policy.contains(rule))
    }
    #expect(!policy.contains("unsafe"))
    #expect(response.headers["X-Content-Type-Options"] == "nosniff")
  }

  @Test("finds its files also where it is at /ui/")
  func folder() async {
    let (response, text) = await ask("/ui/", at: "/ui/")
    #expect(response.status == 200)
    #expect(text.contains("\"weir.css\"") && !text.contains("ui/weir.css"))
    for file in PageFile.others {
      #expect(await ask("/ui/\(file.name)", at: "/ui/").response.status == 200)
    }
  }

  @Test("is text for other programs", arguments: ["*/*", "text/plain", "", "text/*"])
  func text(accept: String) async {
    let (response, text) = await ask("/", ["Host": "localhost", "Accept": accept])
    #expect(text == "all well\n")
    #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
  }

  @Test("names only files that there are, and no other server")
  func references() {
    let names = Set(PageFile.others.map(\.name))
    #expect(names.count == PageFile.others.count && !names.isEmpty)
    for file in PageFile.others + [PageFile.index(folder: "ui/")] {
      #expect(!file.bytes.isEmpty)
      let text = String(decoding: file.bytes, as: UTF8.self)
        .split(separator: "http://www.w3.org/2000/svg").joined()
      #expect(!text.contains("http://") && !text.contains("https://"), "\(file.name)")
      #expect(!text.contains("innerHTML"), "\(file.name)")
    }
    let index = String(decoding: PageFile.index(folder: "ui/").bytes, as: UTF8.self)
    for part in index.split(separator: "=\"ui/").dropFirst() {
      #expect(names.contains(String(part.prefix { $0 != "\"" })), "\(part.prefix(40))")
    }
  }

  @Test("is not sent again to a browser that has it, and compressed to one that can read that")
  func caching() async throws {
    let first = await ask("/ui/weir.css").response
    let tag = try #require(first.headers["ETag"])
    var headers = Self.browser
    headers.add("If-None-Match", "W/\"x\", \(tag)")
    #expect(await ask("/ui/weir.css", headers).response.status == 304)
    headers = Self.browser
    headers.add("If-None-Match", "\"other\"")
    headers.add("Accept-Encoding", "gzip")
    let second = await ask("/ui/weir.css", headers).response
    #expect(second.status == 200 && second.headers["Content-Encoding"] == "gzip")
    guard case .bytes(let bytes) = second.body else { return #expect(Bool(false)) }
    #expect(bytes.prefix(2) == [0x1f, 0x8b])
  }

  @Test("is not for pages of other sites")
  func host() async {
    for path in ["/", "/ui/weir.css"] {
      #expect(
        await ask(path, ["Host": "evil.example", "Accept": "text/html"]).response.status == 421)
    }
  }
}
