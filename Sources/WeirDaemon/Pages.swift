import WeirExposition
import WeirHTTP

/// The pages that are served, and where.
struct Pages: Sendable {
  let status: StatusReader
  let scraper: Scraper
  let push: PushPage
  let lifecycle: Lifecycle
  let forget: ForgetPage
  let telemetryPaths: [String]

  func router() -> HTTPRouter {
    var router = HTTPRouter()
    for path in telemetryPaths {
      router.add(path) { request in await scrape(request) }
    }
    let landingPage = LandingPage(telemetryPaths: telemetryPaths).html
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
        ], body: Array(RefusedPage(status.refusals()).text.utf8))
    }
    router.add("/debug/instances") { _ in .text(InstancesPage(status.instances()).text) }
    router.add(PushPage.path, methods: ["POST"], bodyBytesMax: PushPage.bodyBytesMax) {
      await push.respond(to: $0)
    }
    lifecycle.add(to: &router)
    router.add(ForgetPage.path, methods: ["POST"]) { forget.respond(to: $0) }
    return router
  }

  /// A scrape in the requested format and coding.
  private func scrape(_ request: HTTPRequest) async -> HTTPResponse {
    let asked = ScrapeNegotiation(request.headers)
    var headers: HTTPHeaders = [
      "Content-Type": asked.contentType, "Vary": "Accept, Accept-Encoding",
    ]
    let deadline = ScrapeTimeout(request.headers).map { ContinuousClock.now + $0.duration }
    let page = await scraper.begin(
      asked.format, asked.escaping, NameFilter(query: request.query), deadline: deadline,
      isShown: request.method != "HEAD")
    guard request.headers.acceptsGzip,
      let compressed = GzipStream(page, on: scraper.executor)
    else { return HTTPResponse(headers: headers, stream: .stream(page)) }
    headers.add("Content-Encoding", "gzip")
    return HTTPResponse(headers: headers, stream: .stream(compressed))
  }
}
