/// Sentences about what loads but is not what was meant, with file and line.
struct MappingWarnings {
  /// A file of ten thousand old rules should not fill the log.
  static let countMax = 50

  private let file: String
  private var found: [(line: Int, sentence: String)] = []

  init(file: String) { self.file = file }

  mutating func add(_ line: Int, _ sentence: String) { found.append((line, sentence)) }

  /// In the order of the file; after the first ones, how many more there are.
  var sentences: [String] {
    // Sorting is stable, so that the sentences about one line keep their order.
    var sentences = found.sorted { $0.line < $1.line }.prefix(Self.countMax).map {
      FileMistake(file, line: $0.line, $0.sentence).description
    }
    if found.count > Self.countMax {
      sentences.append(
        FileMistake(
          file, line: nil,
          "there are \(found.count - Self.countMax) more warnings; correct these to see the others"
        ).description)
    }
    return sentences
  }
}
