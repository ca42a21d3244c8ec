extension Flag {
  /// Packings, separated by commas: a number of lines, or `packed` for what fits into a frame.
  package func packings() throws(UsageError) -> [Payload.Packing] {
    var packings: [Payload.Packing] = []
    for part in try text().split(separator: ",", omittingEmptySubsequences: false) {
      if part == "packed" {
        packings.append(.frame)
      } else {
        packings.append(.lines(try number(String(part), 1...Payload.datagramBytesMax)))
      }
    }
    return packings
  }

  /// One kind of series; nil for `mixed`.
  package func kind() throws(UsageError) -> Series.Kind? {
    let text = try text()
    if text == "mixed" { return nil }
    guard let kind = Series.Kind(rawValue: text) else {
      let kinds = Series.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(sentence: "\(name)=\(text) is no kind of series; give \(kinds) or mixed.")
    }
    return kind
  }
}
