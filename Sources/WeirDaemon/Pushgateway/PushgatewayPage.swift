import WeirAggregation
import WeirExposition
import WeirGroups
import WeirHTTP
import WeirMetrics

/// `PUT`, `POST` and `DELETE` of `/metrics/job/…`, in the way of the Pushgateway.
actor PushgatewayPage {
  /// As sent: enough for tens of thousands of series.
  static let bodyBytesMax = 4 << 20
  /// As unpacked. Bodies are unpacked one after another.
  static let unpackedBytesMax = 16 << 20

  private let gateway: Pushgateway
  private let limits: SeriesLimits
  private let keeper: StateKeeper?
  private let log: Log

  init(_ gateway: Pushgateway, limits: SeriesLimits, keeper: StateKeeper? = nil, log: Log) {
    self.gateway = gateway
    self.limits = limits
    self.keeper = keeper
    self.log = log
  }

  /// Changes a group as the request says, all or nothing.
  ///
  /// - Returns: 200 for a push and 202 for a deletion, after a commit, if there is a state; 400 with what is
  ///   wrong; 403 if the sender may not push; 409 where nothing is shown; 413 if the body is too long; or 503 if
  ///   what was taken can't be saved.
  func respond(to request: HTTPRequest) async -> HTTPResponse {
    if let refusal = gateway.refusal { return .error(refusal.status, refusal.sentence) }
    guard !request.isFromOtherSite else {
      return .error(403, "a page of another site may not push metrics; use a program, or curl")
    }
    let isDeletion = request.method == "DELETE"
    let body: [UInt8]
    do throws(HTTPBodyFailure) {
      body = try request.unpackedBody(bytesMax: PushgatewayPage.unpackedBytesMax)
    } catch {
      gateway.meter.count(request.method, .malformed)
      return .error(error.status, error.message)
    }
    do throws(PushedBodyMistake) {
      let key = try GroupPath.key(request.path, limits: limits)
      if isDeletion {
        gateway.groups.delete(key)
      } else {
        try push(body, to: key, request)
      }
    } catch {
      gateway.meter.count(request.method, error.isMalformed ? .malformed : .inconsistent)
      log.debug(
        "refused a push",
        ["path": .text(request.path), "reason": .text(error.sentence)])
      return .error(400, error.sentence)
    }
    gateway.meter.count(request.method, .accepted)
    switch await keeper?.commit(isPatient: true) {
    case .committed, .unprotected, nil: break
    case .stale(let sentence), .refused(let sentence):
      return .error(503, sentence, headers: ["Retry-After": "1"])
    }
    return HTTPResponse(status: isDeletion ? 202 : 200)
  }

  private func push(
    _ body: [UInt8], to key: GroupKey, _ request: HTTPRequest
  ) throws(PushedBodyMistake) {
    let bodyLimits = PushedBodyLimits(seriesMax: gateway.groups.limits.seriesMax, series: limits)
    let read: Result<[PushedFamily], PushedBodyMistake>
    do throws(PushedBodyMistake) {
      read = .success(
        try PushedBody.read(
          body, PushgatewayPage.format(request.headers), labels: key.pushedLabels,
          limits: bodyLimits))
    } catch {
      read = .failure(error)
    }
    try gateway.groups.push(read, to: key, replaces: request.method == "PUT")
  }

  /// Text, unless the content type says that it is delimited protobuf.
  static func format(_ headers: HTTPHeaders) -> PushedBody.Format {
    let parts = (headers["Content-Type"] ?? "").lowercased().split(separator: ";").map {
      $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
    }
    let isProtobuf =
      parts.first == "application/vnd.google.protobuf"
      && parts.contains("proto=io.prometheus.client.metricfamily")
      && parts.contains("encoding=delimited")
    return isProtobuf ? .protobuf : .text
  }
}
