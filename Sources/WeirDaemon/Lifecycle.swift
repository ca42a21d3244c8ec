import WeirHTTP

/// `/-/reload` and `/-/quit`, where the operator allows them.
struct Lifecycle: Sendable {
  let isEnabled: Bool
  let reloads: Reloads
  /// Stops Weir like SIGTERM.
  let stop: StopRequest

  func add(to router: inout HTTPRouter) {
    let methods = ["PUT", "POST"]
    router.add("/-/reload", methods: methods) { _ in
      guard isEnabled else { return Lifecycle.forbidden }
      let sentences = await reloads.reload(because: "/-/reload")
      guard sentences.isEmpty else {
        return .error(500, "reload failed: \(sentences.joined(separator: "\n"))")
      }
      return .text("Weir has reloaded.\n")
    }
    router.add("/-/quit", methods: methods) { _ in
      guard isEnabled else { return Lifecycle.forbidden }
      stop.send("/-/quit")
      return .text("Weir is stopping.\n")
    }
  }

  static let forbidden = HTTPResponse.error(
    403, "this is not allowed; start weir with --web.enable-lifecycle to allow it")
}
