/// A file of the page that operators open in a browser.
package struct PageFile: Sendable {
  /// Below `ui/`; `index.html` is the page itself.
  package let name: String
  package let contentType: String
  package let bytes: [UInt8]

  /// In `index.html`, in place of what leads from the page to its other files.
  package static let folderMark = "{{ui}}"

  /// The page itself.
  ///
  /// - Parameter folder: What leads to the other files: `ui/`, or nothing if they are beside it.
  package static func index(folder: String) -> PageFile {
    let text = String(decoding: PackageResources.index_html, as: UTF8.self)
    let parts = text.split(separator: folderMark, omittingEmptySubsequences: false)
    return PageFile(
      name: "index.html", contentType: "text/html; charset=utf-8",
      bytes: Array(parts.joined(separator: folder).utf8))
  }

  /// What the page loads.
  package static var others: [PageFile] {
    [
      PageFile(name: "weir.css", contentType: css, bytes: PackageResources.weir_css),
      script("api.js", PackageResources.api_js),
      script("charts.js", PackageResources.charts_js),
      script("dom.js", PackageResources.dom_js),
      script("format.js", PackageResources.format_js),
      script("lists.js", PackageResources.lists_js),
      script("main.js", PackageResources.main_js),
      script("names.js", PackageResources.names_js),
      script("overview.js", PackageResources.overview_js),
      script("refused.js", PackageResources.refused_js),
      script("series.js", PackageResources.series_js),
      script("state.js", PackageResources.state_js),
    ]
  }

  private static func script(_ name: String, _ bytes: [UInt8]) -> PageFile {
    PageFile(name: name, contentType: javaScript, bytes: bytes)
  }

  private static let css = "text/css; charset=utf-8"
  private static let javaScript = "text/javascript; charset=utf-8"
}
