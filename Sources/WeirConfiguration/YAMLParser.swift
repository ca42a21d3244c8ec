// Safety: libyaml reads the bytes only while the parser exists, which is within one call of
// `withUnsafeBufferPointer`; parser and event are locals, initialised before their first use and
// deleted once on every path. What an event points to is copied before the event is deleted.

import CYAML

/// Reads one YAML document with libyaml, within limits on memory and time.
///
/// In the strict dialect aliases, further documents, and keys that are not texts are refused, each
/// with its line, and tags are ignored.
struct YAMLParser {
  /// Bytes of a file in the strict dialect.
  static let bytesMax = YAMLDialect.strict.bytesMax

  /// The document in `bytes`; nil if it is empty.
  ///
  /// - Parameter file: The file's name, for messages.
  /// - Complexity: O(bytes).
  static func parse(_ bytes: [UInt8], file: String) throws(FileMistake) -> YAMLNode? {
    try document(bytes, file: file, dialect: .strict).root
  }

  /// The first document in `bytes`, with remarks.
  static func document(
    _ bytes: [UInt8], file: String, dialect: YAMLDialect
  ) throws(FileMistake) -> YAMLDocument {
    guard bytes.count <= dialect.bytesMax else {
      throw FileMistake(
        file, line: nil, "the file is longer than \(ByteCount.text(dialect.bytesMax)); shorten it")
    }
    // The closure returns a result, because nothing may be thrown through C's frames.
    let result: Result<YAMLDocument, FileMistake> = unsafe bytes.withUnsafeBufferPointer { bytes in
      var reader = unsafe Reader(file: file, dialect: dialect)
      guard unsafe yaml_parser_initialize(&reader.parser) == 1 else {
        return .failure(FileMistake(file, line: nil, "there is no memory left to read it"))
      }
      defer { unsafe yaml_parser_delete(&reader.parser) }
      // Whatever a byte order mark says: everything else here is UTF-8. Go's library believes the mark.
      if !dialect.isLenient {
        unsafe yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING)
      }
      unsafe yaml_parser_set_input_string(&reader.parser, bytes.baseAddress, bytes.count)
      do throws(FileMistake) {
        return .success(try unsafe reader.document())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// An event without pointers.
  private struct Event {
    enum Kind {
      case scalar(String, isPlain: Bool)
      case list, map, end, document, endOfDocument, alias, other, endOfStream

      var isAlias: Bool {
        if case .alias = self { true } else { false }
      }
    }

    let kind: Kind
    let line: Int
    /// The name of the anchor that is set, or in an alias of the one that is meant.
    let anchor: String?
  }

  /// What an anchor stands for.
  private struct Anchored {
    let node: YAMLNode
    /// Its values, and the nesting below it.
    let nodes: Int
    let depth: Int
  }

  @unsafe private struct Reader {
    let file: String
    let dialect: YAMLDialect
    var parser = unsafe yaml_parser_t()
    var nodes = 0
    var remarks: [YAMLDocument.Remark] = []
    var anchors: [String: Anchored] = [:]
    /// The deepest nesting since this was last reset.
    var deepest = 0

    init(file: String, dialect: YAMLDialect) {
      unsafe self.file = file
      unsafe self.dialect = dialect
    }

    mutating func document() throws(FileMistake) -> YAMLDocument {
      while true {
        switch try unsafe next().kind {
        case .document: break
        case .endOfStream: return YAMLDocument()
        default: continue
        }
        let root = try unsafe node(next(), depth: 0)
        _ = try unsafe next()
        if unsafe !dialect.isLenient {
          let last = try unsafe next()
          guard case .endOfStream = last.kind else {
            throw unsafe mistake(last.line, "a second document follows; keep one")
          }
        }
        return unsafe YAMLDocument(root: root.isNull ? nil : root, remarks: remarks)
      }
    }

    private mutating func node(_ event: Event, depth: Int) throws(FileMistake) -> YAMLNode {
      let before = unsafe nodes
      let outside = unsafe deepest
      unsafe deepest = depth
      try unsafe count(1, event.line, depth)
      let node = try unsafe content(event, depth: depth)
      if let anchor = event.anchor, !event.kind.isAlias, unsafe dialect.isLenient {
        // From here, so that no alias within the value finds it.
        unsafe anchors[anchor] = unsafe Anchored(
          node: node, nodes: nodes - before, depth: deepest - depth)
      }
      unsafe deepest = unsafe max(deepest, outside)
      return node
    }

    private mutating func content(_ event: Event, depth: Int) throws(FileMistake) -> YAMLNode {
      let line = event.line
      switch event.kind {
      case .scalar(let text, let isPlain):
        return YAMLNode(content: .scalar(text, isPlain: isPlain), line: line)
      case .list:
        var items: [YAMLNode] = []
        while true {
          let event = try unsafe next()
          if case .end = event.kind { return YAMLNode(content: .list(items), line: line) }
          items.append(try unsafe node(event, depth: depth + 1))
        }
      case .map:
        return YAMLNode(content: .map(try unsafe entries(depth: depth)), line: line)
      case .alias:
        return try unsafe alias(event, depth: depth)
      default:
        throw unsafe mistake(line, "a value is missing; write one")
      }
    }

    /// Counts values and their depth, and refuses what exceeds the limits.
    private mutating func count(_ more: Int, _ line: Int, _ depth: Int) throws(FileMistake) {
      unsafe nodes += more
      unsafe deepest = unsafe max(deepest, depth)
      guard unsafe nodes <= dialect.nodesMax else {
        let place = unsafe dialect.isLenient ? ", with what its aliases repeat" : ""
        throw unsafe mistake(
          line, "the file has more than \(dialect.nodesMax) values\(place); shorten it")
      }
      guard unsafe depth < dialect.depthMax else {
        throw unsafe mistake(
          line, "maps and lists are more than \(dialect.depthMax) deep; flatten them")
      }
    }

    private mutating func alias(_ event: Event, depth: Int) throws(FileMistake) -> YAMLNode {
      guard unsafe dialect.isLenient else {
        throw unsafe mistake(event.line, "aliases are not supported; write the value out")
      }
      let name = event.anchor ?? ""
      guard let anchored = unsafe anchors[name] else {
        throw unsafe mistake(
          event.line,
          "*\(name.escaped) has no value that ends before it; write &\(name.escaped) at one")
      }
      try unsafe count(anchored.nodes, event.line, depth + anchored.depth)
      return anchored.node
    }

    private mutating func entries(depth: Int) throws(FileMistake) -> [YAMLNode.Entry] {
      if unsafe dialect.isLenient { return try unsafe lenientEntries(depth: depth) }
      var entries: [YAMLNode.Entry] = []
      var lines: [String: Int] = [:]
      while true {
        let event = try unsafe next()
        if case .end = event.kind { return entries }
        guard case .scalar(let key, _) = event.kind else {
          throw unsafe mistake(
            event.line, "a key is not a plain text; write a name such as tls_server_config")
        }
        if let earlier = lines.updateValue(event.line, forKey: key) {
          throw unsafe mistake(
            event.line,
            "\(key.quoted) is given twice, first on line \(earlier); leave one of them out")
        }
        let value = try unsafe node(next(), depth: depth + 1)
        entries.append(YAMLNode.Entry(key: key, keyLine: event.line, value: value))
      }
    }

    private mutating func lenientEntries(depth: Int) throws(FileMistake) -> [YAMLNode.Entry] {
      var builder = YAMLMapBuilder(isRoot: depth == 0)
      while true {
        let event = try unsafe next()
        if case .end = event.kind { break }
        let keyNode = try unsafe node(event, depth: depth + 1)
        guard case .scalar(let key, let isPlain) = keyNode.content else {
          throw unsafe mistake(
            event.line, "a key is \(keyNode.kind); write a name such as match")
        }
        let value = try unsafe node(next(), depth: depth + 1)
        let visited = builder.visited
        if key == "<<" && isPlain {
          guard builder.merge(value, line: event.line) else {
            throw unsafe mistake(
              event.line, "<< is \(value.kind) but must be a map; write an alias such as *base")
          }
        } else {
          builder.add(YAMLNode.Entry(key: key, keyLine: event.line, value: value))
        }
        // Combining takes time that the values in the file do not show.
        try unsafe count(builder.visited - visited - 1, event.line, depth)
      }
      unsafe remarks += builder.remarks
      return builder.entries
    }

    private mutating func next() throws(FileMistake) -> Event {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw unsafe notYAML() }
      defer { unsafe yaml_event_delete(&event) }
      return unsafe Self.copy(event, readsTags: dialect.isLenient)
    }

    private static func copy(_ event: yaml_event_t, readsTags: Bool) -> Event {
      var anchor: UnsafeMutablePointer<UInt8>?
      let kind: Event.Kind
      switch unsafe event.type {
      case YAML_SCALAR_EVENT:
        let scalar = unsafe event.data.scalar
        unsafe anchor = unsafe scalar.anchor
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let tag = unsafe readsTags ? scalar.tag.map { unsafe String(cString: $0) } : nil
        let isPlain =
          unsafe tag.map(resolved.contains) ?? (scalar.style == YAML_PLAIN_SCALAR_STYLE)
        kind = unsafe .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
      case YAML_SEQUENCE_START_EVENT:
        unsafe anchor = unsafe event.data.sequence_start.anchor
        kind = .list
      case YAML_MAPPING_START_EVENT:
        unsafe anchor = unsafe event.data.mapping_start.anchor
        kind = .map
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
      case YAML_DOCUMENT_START_EVENT: kind = .document
      case YAML_DOCUMENT_END_EVENT: kind = .endOfDocument
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .endOfStream
      case YAML_ALIAS_EVENT:
        unsafe anchor = unsafe event.data.alias.anchor
        kind = .alias
      default: kind = .other
      }
      return unsafe Event(
        kind: kind, line: event.start_mark.line + 1,
        anchor: anchor.map { unsafe String(cString: $0) })
    }

    /// Tags of scalars whose meaning is that of their text without quotes.
    private static let resolved = Set(
      ["int", "float", "bool", "null", "merge"].map { "tag:yaml.org,2002:\($0)" })

    /// The message of libyaml in a sentence.
    private func notYAML() -> FileMistake {
      let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "no memory is left"
      guard unsafe parser.error != YAML_READER_ERROR else {
        return FileMistake(
          unsafe file, line: nil, "this is not YAML in UTF-8 (\(problem)); write it as UTF-8 text")
      }
      return unsafe mistake(
        parser.problem_mark.line + 1, "this is not YAML (\(problem)); correct the line")
    }

    private func mistake(_ line: Int, _ sentence: String) -> FileMistake {
      FileMistake(unsafe file, line: line, sentence)
    }
  }
}
