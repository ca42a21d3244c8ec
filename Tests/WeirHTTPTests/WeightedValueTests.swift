import Testing

@testable import WeirHTTP

@Suite("A header field with weighted values")
struct WeightedValueTests {
  private func members(_ fields: String...) -> [WeightedValue] {
    var headers = HTTPHeaders()
    for field in fields { headers.add("accept", field) }
    return headers.weighted("Accept")
  }

  @Test("has values, parameters and weights, from all fields with its name")
  func members() {
    #expect(
      members("Text/Plain;Version=0.0.4; charset=\"utf-8\";q=0.5 , */*;q=0.1", "gzip")
        == [
          WeightedValue(
            value: "text/plain", parameters: ["version": "0.0.4", "charset": "utf-8"], quality: 500),
          WeightedValue(value: "*/*", parameters: [:], quality: 100),
          WeightedValue(value: "gzip", parameters: [:], quality: 1_000),
        ])
  }

  @Test("may contain separators and escapes in quotes")
  func quotes() {
    #expect(
      members(#"a/b;x="1,2;q=0;\"\\";q=0.125,c/d"#)
        == [
          WeightedValue(value: "a/b", parameters: ["x": #"1,2;q=0;"\"#], quality: 125),
          WeightedValue(value: "c/d", parameters: [:], quality: 1_000),
        ])
  }

  @Test(
    "ignores a malformed member and keeps the others",
    arguments: [
      "", " ", "a b", "a/b;q=2", "a/b;q=1.001", "a/b;q=0.1234", "a/b;q=-1", "a/b;q=.5", "a/b;q=",
      "a/b;q", "a/b;=1", "a/b;x=1=2", "a/b;q=0,5x", "a/b;q=0.x",
    ])
  func malformed(member: String) {
    let members = members("first,\(member),last")
    #expect(members.first?.value == "first" && members.last?.value == "last")
    #expect(members.dropFirst().dropLast().allSatisfy { $0.value != "a/b" || member.contains(",") })
  }

  @Test(
    "says whether gzip may be used",
    arguments: [
      ("gzip", true), ("deflate, gzip;q=1.0, *;q=0.5", true), ("x-gzip", true), ("*", true),
      ("GZIP;q=0.001", true), ("", false), ("identity", false), ("gzip;q=0", false),
      ("gzip;q=0, *", false), ("*;q=0", false), ("gzipped", false), ("br", false),
    ])
  func gzip(field: String, accepts: Bool) {
    #expect((["Accept-Encoding": field] as HTTPHeaders).acceptsGzip == accepts)
    #expect(!HTTPHeaders().acceptsGzip)
  }
}
