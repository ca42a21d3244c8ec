import WeirBytes
import WeirHTTP
import WeirPage

/// Serves the page and its files, which are part of the program.
struct PageServing: Sendable {
  /// Only what this server sends is loaded, nothing is sent elsewhere, and no text becomes HTML.
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    + "trusted-types 'none'"

  /// Where the other files are.
  static let folder = "/ui/"

  /// A file with what is computed of it once.
  private final class Served: Sendable {
    let headers: HTTPHeaders
    let tag: String
    let bytes: [UInt8]
    /// Nil if there is no memory for zlib.
    let compressed: [UInt8]?

    init(_ file: PageFile) {
      bytes = file.bytes
      compressed = Deflater.gzip(file.bytes, level: 9)
      var sum = CRC32C()
      sum.add(file.bytes.span)
      tag = "\"\(String(sum.value, radix: 16))-\(file.bytes.count)\""
      headers = [
        "Content-Type": file.contentType, "ETag": tag, "Cache-Control": "no-cache",
        "Vary": "Accept, Accept-Encoding", "Content-Security-Policy": contentSecurityPolicy,
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
      ]
    }
  }

  /// By path. They are made at the first request, so that a Weir whose page nobody opens has no copies.
  private final class Files: Sendable {
    private let path: String
    private let made = Locked<[String: Served]>([:])

    init(pageAt path: String) { self.path = path }

    func file(at asked: String) -> Served? {
      made.withLock { made in
        if made.isEmpty {
          let isInFolder = path == folder
          made[path] = Served(PageFile.index(folder: isInFolder ? "" : String(folder.dropFirst())))
          for file in PageFile.others { made[folder + file.name] = Served(file) }
        }
        return made[asked]
      }
    }
  }

  /// The path of the page.
  private let path: String
  private let files: Files
  /// The page as text, for programs that are no browsers.
  private let text: @Sendable () -> String

  /// - Parameter path: `/` or `/ui/`.
  init(path: String, text: @escaping @Sendable () -> String) {
    self.path = path
    self.text = text
    files = Files(pageAt: path)
  }

  func add(to router: inout HTTPRouter, guardedBy api: ApiPages) {
    router.add(path, api.guarded(respond))
    for file in PageFile.others { router.add(PageServing.folder + file.name, api.guarded(respond)) }
  }

  private func respond(to request: HTTPRequest) -> HTTPResponse {
    // A browser always accepts HTML by name; curl does not.
    if request.path == path, !request.headers.accepts("text/html") {
      return .text(text(), headers: ["Vary": "Accept", "Cache-Control": "no-store"])
    }
    guard let file = files.file(at: request.path) else {
      return .error(404, "page not found: \(request.path)")
    }
    if request.headers.list("If-None-Match", contains: file.tag) {
      return HTTPResponse(status: 304, headers: file.headers)
    }
    var headers = file.headers
    guard request.headers.acceptsGzip, let compressed = file.compressed else {
      return HTTPResponse(headers: headers, body: file.bytes)
    }
    headers.add("Content-Encoding", "gzip")
    return HTTPResponse(headers: headers, body: compressed)
  }
}

extension HTTPHeaders {
  /// Whether a media type is accepted by its name, and not only by a range such as `*/*`.
  fileprivate func accepts(_ type: String) -> Bool {
    all("Accept").contains { value in
      value.split(separator: ",").contains { element in
        let name = element.split(separator: ";", omittingEmptySubsequences: false)[0]
        return name.filter { $0 != " " && $0 != "\t" }.lowercased() == type
      }
    }
  }
}
