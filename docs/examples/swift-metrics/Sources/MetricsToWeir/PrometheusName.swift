/// What libraries call a metric or a dimension, as Prometheus can name it: `http.server.requests` is
/// `http_server_requests_total`.
enum PrometheusName {
  static func metric(_ label: String, ending: String = "") -> String {
    let name = spelled(label, colons: true)
    return name.hasSuffix(ending) ? name : name + ending
  }

  /// The last of two dimensions that are spelled alike holds.
  static func labels(_ dimensions: [(String, String)]) -> [String: String] {
    Dictionary(
      dimensions.map { (label(spelled($0.0, colons: false)), $0.1) }, uniquingKeysWith: { $1 })
  }

  /// Names that begin with `__` are Prometheus' own, and `le` is the bound of a bucket.
  private static func label(_ name: String) -> String {
    if name == "le" { return "le_" }
    return name.hasPrefix("__") ? "x" + name : name
  }

  private static func spelled(_ text: String, colons: Bool) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": name.unicodeScalars.append(scalar)
      case ":" where colons: name.unicodeScalars.append(scalar)
      default: name.append("_")
      }
    }
    return name.first.map { ("0"..."9").contains($0) } ?? true ? "_" + name : name
  }
}
