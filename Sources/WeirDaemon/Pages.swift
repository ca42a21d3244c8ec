import WeirExposition
import WeirHTTP

/// The pages that are served, and where.
struct Pages: Sendable {
  let scraper: Scraper
  let refused: RefusedLines
  let instances: InstancesPage
  let push: PushPage
  let telemetryPaths: [String]

  func router() -> HTTPRouter {
    var router = HTTPRouter()
    for path in telemetryPaths {
      router.add(path) { request in await scrape(request) }
    }
    router.add("/") { _ in
      HTTPResponse(
        headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(landingPage.utf8))
    }
    router.add("/-/healthy") { _ in .text("Weir is healthy.\n") }
    router.add("/-/ready") { _ in .text("Weir is ready.\n") }
    router.add("/debug/refused") { _ in
      HTTPResponse(
        headers: [
          "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
        ], body: refused.page)
    }
    router.add(PushPage.path, methods: ["POST"], bodyBytesMax: PushPage.bodyBytesMax) {
      await push.respond(to: $0)
    }
    router.add("/debug/instances") { _ in .text(instances.text()) }
    return router
  }

  /// A scrape in the format and the coding that were asked for.
  private func scrape(_ request: HTTPRequest) async -> HTTPResponse {
    let asked = ScrapeNegotiation(request.headers)
    var headers: HTTPHeaders = [
      "Content-Type": asked.contentType, "Vary": "Accept, Accept-Encoding",
    ]
    let deadline = ScrapeTimeout(request.headers).map { ContinuousClock.now + $0.duration }
    let page = await scraper.begin(
      asked.format, asked.escaping, NameFilter(query: request.query), deadline: deadline)
    guard request.headers.acceptsGzip,
      let compressed = GzipStream(page, on: scraper.executor)
    else { return HTTPResponse(headers: headers, stream: .stream(page)) }
    headers.add("Content-Encoding", "gzip")
    return HTTPResponse(headers: headers, stream: .stream(compressed))
  }

  private var landingPage: String {
    let links = telemetryPaths + ["/debug/refused", "/debug/instances", "/-/healthy", "/-/ready"]
    let items = links.map { "<li><a href=\"\(escaped($0))\">\(escaped($0))</a></li>\n" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>Weir</title></head>
      <body>
      <h1>Weir \(Version.current)</h1>
      <p>Merges what StatsD clients send into metrics that Prometheus scrapes.</p>
      <ul>
      \(items.joined())</ul>
      </body>
      </html>

      """
  }

  private func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }
}
