import WeirExposition
import WeirHTTP
import WeirSockets

/// Answers scrapes of a path, in the format and coding that they ask for.
struct ScrapeRoute: Sendable {
  let scraper: Scraper
  /// Whose log is read up to the scrape's own marker before the answer; nil where there is none.
  var cluster: Cluster?
  /// Whether the path has only a node's own metrics, and not what its cluster shows.
  var isOfNode = false

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let asked = ScrapeNegotiation(
      request.headers, offersOpenMetrics: scraper.style.offersOpenMetrics)
    var headers: HTTPHeaders = [
      "Content-Type": asked.contentType, "Vary": "Accept, Accept-Encoding",
    ]
    let deadline = ScrapeTimeout(request.headers).map { ContinuousClock.now + $0.duration }
    let (filter, isShown) = (NameFilter(query: request.query), request.method != "HEAD")
    let origin = ScrapeOrigin(
      host: request.peer?.host ?? "", format: asked.contentType,
      isCompressed: request.headers.acceptsGzip, isOfNode: isOfNode)
    if let sentence = await cluster?.barrier(until: deadline) {
      if isShown { await scraper.refused(origin, isFiltered: filter != nil) }
      return .error(503, sentence, headers: ["Retry-After": "1"])
    }
    let page = await scraper.begin(
      asked.format, asked.escaping, filter, deadline: deadline, isShown: isShown, origin: origin)
    guard request.headers.acceptsGzip,
      let compressed = GzipStream(page, on: scraper.executor)
    else { return HTTPResponse(headers: headers, stream: .stream(page)) }
    headers.add("Content-Encoding", "gzip")
    return HTTPResponse(headers: headers, stream: .stream(compressed))
  }
}
