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
}
