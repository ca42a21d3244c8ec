/// `/`: what this server is, and links to its pages.
struct LandingPage: Sendable {
  let telemetryPaths: [String]
  /// Whether this Weir is a node of a cluster.
  var isNode = false

  var html: String {
    let links =
      telemetryPaths + (isNode ? ["/metrics/node", "/debug/cluster"] : []) + [
        "/debug/refused", "/debug/instances", "/debug/mapping", "/-/healthy", "/-/ready",
      ]
    let items = links.map { "<li><a href=\"\(escaped($0))\">\(escaped($0))</a></li>\n" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>Weir</title></head>
      <body>
      <h1>Weir \(Version.current)</h1>
      <p>Aggregates metrics of StatsD clients for Prometheus to scrape.</p>
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
