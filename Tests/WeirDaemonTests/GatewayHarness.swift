import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirGroups
import WeirHTTP
import WeirMetrics
import WeirWire

@testable import WeirDaemon

/// A server that takes pushed groups and lines, and is scraped.
struct GatewayHarness {
  let aggregator: Aggregator
  let gateway: Pushgateway
  let page: PushgatewayPage
  let scraper: Scraper

  init(_ flags: [String] = []) throws {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw TestServer.NoServer()
    }
    let log = Log(level: .error, format: .logfmt)
    aggregator = Aggregator(options)
    gateway = Pushgateway(options, aggregator: aggregator)
    page = PushgatewayPage(gateway, limits: options.limits, log: log)
    scraper = Scraper(
      status: StatusReader(
        aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
        gateway: gateway, log: log),
      groups: gateway.groups)
  }

  @discardableResult
  func push(
    _ body: String, _ path: String = "/metrics/job/j", method: String = "PUT",
    headers: HTTPHeaders = [:]
  ) async -> HTTPResponse {
    var request = HTTPRequest(method: method, path: path, headers: headers)
    request.body = Array(body.utf8)
    return await page.respond(to: request)
  }

  func text(_ response: HTTPResponse) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @discardableResult
  func apply(_ lines: String...) -> Int {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.joined(separator: "\n").utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    return batch.refusals.total
  }

  func scrape(
    _ format: ExpositionFormat = .text, filter: NameFilter? = nil
  ) async throws -> [UInt8] {
    let page = await scraper.begin(format, .underscores, filter, deadline: nil)
    var bytes: [UInt8] = []
    while true {
      let piece = try await page.next()
      bytes += piece.bytes
      if piece.isLast { return bytes }
    }
  }

  /// The lines of a page without Weir's own.
  func lines(
    _ format: ExpositionFormat = .text, filter: NameFilter? = nil
  ) async throws -> [String] {
    String(decoding: try await scrape(format, filter: filter), as: UTF8.self)
      .split(separator: "\n").map(String.init)
      .filter { line in
        !["weir_", "process_", "push_", "# HELP"].contains { part in
          line.hasPrefix(part) || line.hasPrefix("# TYPE \(part)")
        }
      }
  }
}
