import Testing

@testable import WeirHTTP

@Suite("Where a request comes from")
struct RequestOriginTests {
  @Test(
    "is another site if the browser says so, or the origin is not the host",
    arguments: [
      ([:], false),
      (["Sec-Fetch-Site": "same-origin"], false), (["Sec-Fetch-Site": "none"], false),
      (["Sec-Fetch-Site": "same-site"], true), (["Sec-Fetch-Site": "cross-site"], true),
      (["Sec-Fetch-Site": "same-origin", "Origin": "http://b"], false),
      (["Host": "weir:9102", "Origin": "http://weir:9102"], false),
      (["Host": "weir:9102", "Origin": "https://WEIR:9102"], false),
      (["Host": "weir:9102", "Origin": "http://weir"], true),
      (["Host": "weir:9102", "Origin": "http://evil.test"], true),
      (["Host": "weir:9102", "Origin": "null"], true),
      (["Host": "weir:9102", "Origin": ""], true),
      (["Origin": "http://weir"], true),
    ] as [(HTTPHeaders, Bool)])
  func origin(headers: HTTPHeaders, isFromOtherSite: Bool) {
    #expect(HTTPRequest(path: "/", headers: headers).isFromOtherSite == isFromOtherSite)
  }

  @Test("is a page of another site in the background, and not where somebody follows a link")
  func background() {
    func isAsked(_ headers: HTTPHeaders) -> Bool {
      HTTPRequest(path: "/", headers: headers).isAskedByOtherSite
    }
    #expect(isAsked(["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"]))
    #expect(isAsked(["Sec-Fetch-Site": "cross-site"]))
    #expect(!isAsked(["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]))
    #expect(!isAsked(["Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"]))
    #expect(!isAsked([:]))
  }
}
