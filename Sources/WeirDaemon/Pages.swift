import WeirExposition
import WeirHTTP

/// The pages that are served, and where.
struct Pages: Sendable {
  let status: StatusReader
  let scraper: Scraper
  let push: PushPage
  let statsd: StatsDPage
  let gateway: PushgatewayPage
  let lifecycle: Lifecycle
  let forget: ForgetPage
  let heavy: HeavyPages
  /// Nil without mapping rules.
  let mapping: MappingConfig?
  let telemetryPaths: [String]

  func router() -> HTTPRouter {
    var router = HTTPRouter()
    for path in telemetryPaths {
      router.add(path) { request in await scrape(request) }
    }
    let landingPage = LandingPage(telemetryPaths: telemetryPaths).html
    router.add(telemetryPaths.contains("/") ? "/ui/" : "/") { _ in
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
    router.add("/debug/mapping") { _ in .text(MappingPage(rules: mapping?.rules).text) }
    let frames = HTTPBodyRule(bytesMax: PushPage.bodyBytesMax)
    router.add(PushPage.path, methods: ["POST"], bodyRule: frames) { await push.respond(to: $0) }
    let lines = HTTPBodyRule(bytesMax: StatsDPage.bodyBytesMax, acceptsGzip: true)
    router.add(StatsDPage.path, methods: ["POST"], bodyRule: lines) {
      await statsd.respond(to: $0)
    }
    let pushes = HTTPBodyRule(
      bytesMax: PushgatewayPage.bodyBytesMax, acceptsGzip: true, mayBeMissing: true)
    for prefix in GroupPath.prefixes {
      router.add(prefix: prefix, methods: PushgatewayMeter.methods, bodyRule: pushes) {
        await gateway.respond(to: $0)
      }
    }
    lifecycle.add(to: &router)
    heavy.add(to: &router)
    router.add(ForgetPage.path, methods: ["POST"]) { forget.respond(to: $0) }
    return router
  }

  /// A scrape in the requested format and coding.
  private func scrape(_ request: HTTPRequest) async -> HTTPResponse {
    let asked = ScrapeNegotiation(
      request.headers, offersOpenMetrics: scraper.style.offersOpenMetrics)
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
