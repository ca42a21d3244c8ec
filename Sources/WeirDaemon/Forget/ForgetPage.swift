import WeirHTTP
import WeirSockets

/// `POST /api/v1/forget?match[]=…&dry_run=1`, where the operator allows it.
struct ForgetPage: Sendable {
  static let path = "/api/v1/forget"

  let isEnabled: Bool
  let forgetter: Forgetter

  func respond(to request: HTTPRequest) -> HTTPResponse {
    if let refusal = Lifecycle.refusal(of: request, isEnabled: isEnabled) { return refusal }
    var selectors: [String] = []
    var isDry = false
    for pair in NameFilter.allPairs(request.query) {
      // What can't be read may be a dry_run, so it must remove nothing either.
      guard let (key, value) = pair, let text = String(validating: value, as: UTF8.self) else {
        return .error(
          400, "a parameter can't be read; write each as name=value, with percent signs as %25")
      }
      switch (key, text) {
      case ("match[]", _): selectors.append(text)
      case ("dry_run", "1"), ("dry_run", "true"): isDry = true
      case ("dry_run", "0"), ("dry_run", "false"): isDry = false
      case ("dry_run", _): return .error(400, "dry_run is not a truth value; write 1 or 0")
      // A misspelled dry_run must remove nothing.
      default: return .error(400, "there is an unknown parameter; write match[] and dry_run only")
      }
    }
    let peer = request.peer.map { "\($0)" } ?? "unknown"
    switch forgetter.forget(
      selectors, isDry: isDry, requester: "\(ForgetPage.path) from \(peer)")
    {
    case .done(let text, _): return .text(text)
    case .mistake(let sentence): return .error(400, sentence)
    case .refused(let sentence): return .error(409, sentence)
    }
  }
}
