import WeirHTTP

/// `/-/reload` and `/-/quit`, where the operator allows them.
struct Lifecycle: Sendable {
  let isEnabled: Bool
  let reloads: Reloads
  /// Stops Weir like SIGTERM.
  let stop: StopRequest

  func add(to router: inout HTTPRouter, guardedBy hosts: HostRule) {
    let methods = ["PUT", "POST"]
    router.add("/-/reload", methods: methods, hosts.guarding(reload))
    router.add("/-/quit", methods: methods, hosts.guarding(quit))
  }

  private func reload(_ request: HTTPRequest) async -> HTTPResponse {
    if let refusal = Lifecycle.refusal(of: request, isEnabled: isEnabled) { return refusal }
    let sentences = await reloads.reload(because: "/-/reload")
    guard sentences.isEmpty else {
      return .error(500, "reload failed: \(sentences.joined(separator: "\n"))")
    }
    return .text("Weir has reloaded.\n")
  }

  private func quit(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = Lifecycle.refusal(of: request, isEnabled: isEnabled) { return refusal }
    stop.send("/-/quit")
    return .text("Weir is stopping.\n")
  }

  /// The answer to a request that may not change anything; nil if it may.
  static func refusal(of request: HTTPRequest, isEnabled: Bool) -> HTTPResponse? {
    guard isEnabled else {
      return .error(403, "this is not allowed; start weir with --web.enable-lifecycle to allow it")
    }
    guard !request.isFromOtherSite else {
      return .error(403, "a page of another site may not do this; use a page of Weir, or curl")
    }
    return nil
  }
}
