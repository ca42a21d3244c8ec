import WeirMetrics

@testable import WeirMapping

// A macro of the tests cannot take a span.

extension RegularExpression {
  func matches(_ name: [UInt8]) -> Bool { matches(name.span) }

  func match(_ name: [UInt8], groupsWanted: Int) -> [Range<Int>?]? {
    match(name.span, groupsWanted: groupsWanted)
  }
}

extension ExpressionList {
  func first(_ name: String, _ kind: MetricKind) -> Match? {
    firstMatch(in: Array(name.utf8).span, kind: kind)
  }
}

extension GlobList {
  func rule(_ name: String, _ kind: MetricKind) -> Int? {
    rule(for: Array(name.utf8).span, kind: kind)
  }
}

extension LiteralSearch {
  func numbers(_ name: [UInt8]) -> [Int] { found(in: name.span).map(Int.init).sorted() }
}
