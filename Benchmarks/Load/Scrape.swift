import BenchmarkKit

/// The numbers of one page in the Prometheus text format, buckets left out.
///
/// It does not check the form of the page; the system tests do.
struct Scrape {
  /// By sample as the page names it, labels included.
  private(set) var values: [String: Double] = [:]
  /// The same, summed over labels, by sample name.
  private(set) var sums: [String: Double] = [:]
  /// Page size.
  let bytes: Int

  /// - Complexity: O(page).
  init(_ page: [UInt8]) throws(RunError) {
    bytes = page.count
    for line in page.split(separator: UInt8(ascii: "\n")) {
      guard line.first != UInt8(ascii: "#") else { continue }
      let nameEnd = line.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") }
      // Buckets are nine tenths of a page, and their `_count` is checked.
      if let nameEnd, line[..<nameEnd].ends(with: Self.bucketSuffix) { continue }
      guard let nameEnd, let space = line.lastIndex(of: UInt8(ascii: " ")),
        let value = Double(String(decoding: line[(space + 1)...], as: UTF8.self))
      else {
        let text = String(decoding: line, as: UTF8.self)
        throw RunError("The page has a line that is not a sample: \(text)")
      }
      values[String(decoding: line[..<space], as: UTF8.self)] = value
      sums[String(decoding: line[..<nameEnd], as: UTF8.self), default: 0] += value
    }
  }

  private static let bucketSuffix = Array("_bucket".utf8)
}

extension Collection where Element: Equatable, Self: BidirectionalCollection {
  fileprivate func ends(with suffix: some BidirectionalCollection<Element>) -> Bool {
    reversed().starts(with: suffix.reversed())
  }
}
