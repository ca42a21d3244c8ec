import WeirExposition
import WeirHTTP
import WeirSockets

/// The pages that are served, and where.
struct Pages: Sendable {
  let status: StatusReader
  let scraper: Scraper
  /// For the metrics of this node; nil where it is none of a cluster.
  let nodeScraper: Scraper?
  let cluster: Cluster?
  let push: PushPage
  let statsd: StatsDPage
  let gateway: PushgatewayPage
  let lifecycle: Lifecycle
  let forget: ForgetPage
  let heavy: HeavyPages
  /// Nil without mapping rules.
  let mapping: MappingConfig?
  let telemetryPaths: [String]
  /// Who may read pages that browsers show.
  let hosts: HostRule
  /// Nil where the page and its API are turned off.
  let answers: StatusAnswers?
  let senders: SendersPage
  let tap: TapPage
  var showsLines = true

  func router() -> HTTPRouter {
    var router = HTTPRouter()
    for path in telemetryPaths {
      let route = ScrapeRoute(scraper: scraper, cluster: cluster)
      router.add(path) { await route.respond(to: $0) }
    }
    if let nodeScraper {
      let route = ScrapeRoute(scraper: nodeScraper, isOfNode: true)
      router.add("/metrics/node") { await route.respond(to: $0) }
    }
    router.add("/-/healthy") { _ in .text("Weir is healthy.\n") }
    router.add("/-/ready") { _ in
      if let sentence = cluster?.unreadiness { return .error(503, sentence) }
      return .text("Weir is ready.\n")
    }
    var api = ApiPages(hosts: hosts)
    let refused: HTTPHandler = { _ in
      HTTPResponse(
        headers: [
          "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
        ], body: Array(RefusedPage(status.refusals(), showsLines: showsLines).text.utf8))
    }
    router.add("/debug/refused", api.guarded(refused))
    router.add(
      "/debug/instances", api.guarded { _ in .text(InstancesPage(status.instances()).text) })
    router.add(
      "/debug/mapping", api.guarded { _ in .text(MappingPage(rules: mapping?.rules).text) })
    if let cluster {
      router.add(
        "/debug/cluster",
        api.guarded { _ in
          .text(ClusterPage(cluster.reading, unreadiness: cluster.unreadiness).text)
        })
    }
    if let answers {
      answers.add(to: &api)
      senders.add(to: &api)
      heavy.add(to: &api)
      api.add("tap") { tap.respond(to: $0) }
    }
    api.add(to: &router)
    addFirstPage(to: &router, api)
    let frames = HTTPBodyRule(bytesMax: PushPage.bodyBytesMax)
    router.add(
      PushPage.path, methods: ["POST"], bodyRule: frames,
      hosts.guarding { await push.respond(to: $0) })
    let lines = HTTPBodyRule(bytesMax: StatsDPage.bodyBytesMax, acceptsGzip: true)
    router.add(
      StatsDPage.path, methods: ["POST"], bodyRule: lines,
      hosts.guarding { await statsd.respond(to: $0) })
    let pushes = HTTPBodyRule(
      bytesMax: PushgatewayPage.bodyBytesMax, acceptsGzip: true, mayBeMissing: true)
    for prefix in GroupPath.prefixes {
      router.add(
        prefix: prefix, methods: PushgatewayMeter.methods, bodyRule: pushes,
        hosts.guarding { await gateway.respond(to: $0) })
    }
    lifecycle.add(to: &router, guardedBy: hosts)
    router.add(
      ForgetPage.path, methods: ["POST"], hosts.guarding { forget.respond(to: $0) })
    return router
  }

  /// The page for operators, or one of links where it is turned off.
  private func addFirstPage(to router: inout HTTPRouter, _ api: ApiPages) {
    let path = telemetryPaths.contains("/") ? PageServing.folder : "/"
    if let answers {
      let page = PageServing(path: path) { answers.text }
      return page.add(to: &router, guardedBy: api)
    }
    let landingPage = LandingPage(telemetryPaths: telemetryPaths, isNode: cluster != nil).html
    router.add(path) { _ in
      HTTPResponse(
        headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(landingPage.utf8))
    }
  }
}
