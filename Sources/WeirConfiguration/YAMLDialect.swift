/// How much of YAML a file may use, and how much of it there may be.
struct YAMLDialect: Sendable {
  /// Bytes of a file.
  let bytesMax: Int
  /// Nesting of maps and lists.
  let depthMax: Int
  /// Values of a file, each counted as often as aliases repeat it.
  let nodesMax: Int
  /// Whether aliases, merge keys, repeated keys, tags and further documents are read as Go's yaml.v2
  /// reads them. Otherwise each but the tags is refused.
  let isLenient: Bool

  /// Weir's own files: bytes and values of a few thousand users, and four levels.
  static let strict = YAMLDialect(
    bytesMax: 1 << 20, depthMax: 16, nodesMax: 20_000, isLenient: false)

  /// Mapping files, written for statsd_exporter: more than ten thousand rules of thirty values.
  static let mapping = YAMLDialect(
    bytesMax: 8 << 20, depthMax: 64, nodesMax: 400_000, isLenient: true)
}

/// What a file holds.
struct YAMLDocument: Equatable {
  /// Something that is read, but perhaps not as it was meant.
  struct Remark: Equatable {
    let line: Int
    /// What is odd, and what to do.
    let sentence: String
  }

  /// Nil if the file is empty.
  var root: YAMLNode?
  var remarks: [Remark] = []
}
