// Safety: libyaml reads the bytes only while the parser exists, which is within one call of
// `withUnsafeBufferPointer`; parser and event are locals, initialised before their first use and
// deleted once on every path. What an event points to is copied before the event is deleted.

import CYAML

/// Reads one YAML document with libyaml, within limits on memory and time.
///
/// Not supported are aliases, further documents, and keys that are not texts: each is refused, with
/// its line. Tags are ignored.
struct YAMLParser {
  /// Bytes of a file: enough for a few thousand users.
  static let bytesMax = 1 << 20
  /// Nesting of maps and lists: Weir's files need four.
  static let depthMax = 16
  /// Values of a file.
  static let nodesMax = 20_000

  /// The document in `bytes`; nil if it is empty.
  ///
  /// - Parameter file: The file's name, for messages.
  /// - Complexity: O(bytes).
  static func parse(_ bytes: [UInt8], file: String) throws(FileMistake) -> YAMLNode? {
    guard bytes.count <= bytesMax else {
      throw FileMistake(
        file, line: nil, "the file is longer than \(ByteCount.text(bytesMax)); shorten it")
    }
    // The closure returns a result, because nothing may be thrown through C's frames.
    let result: Result<YAMLNode?, FileMistake> = unsafe bytes.withUnsafeBufferPointer { bytes in
      var reader = unsafe Reader(file: file)
      guard unsafe yaml_parser_initialize(&reader.parser) == 1 else {
        return .failure(FileMistake(file, line: nil, "there is no memory left to read it"))
      }
      defer { unsafe yaml_parser_delete(&reader.parser) }
      // Whatever a byte order mark says: everything else here is UTF-8.
      unsafe yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING)
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
  private enum Event {
    case scalar(String, isPlain: Bool)
    case list, map, end, document, endOfDocument, alias, other, endOfStream
  }

  @unsafe private struct Reader {
    let file: String
    var parser = unsafe yaml_parser_t()
    var nodes = 0

    init(file: String) {
      unsafe self.file = file
    }

    mutating func document() throws(FileMistake) -> YAMLNode? {
      while true {
        switch try unsafe next().0 {
        case .document: break
        case .endOfStream: return nil
        default: continue
        }
        let (first, firstLine) = try unsafe next()
        let root = try unsafe node(first, line: firstLine, depth: 0)
        _ = try unsafe next()
        let (last, lastLine) = try unsafe next()
        guard case .endOfStream = last else {
          throw unsafe mistake(lastLine, "a second document follows; keep one")
        }
        return root.isNull ? nil : root
      }
    }

    private mutating func node(
      _ event: Event, line: Int, depth: Int
    ) throws(FileMistake) -> YAMLNode {
      unsafe nodes += 1
      guard unsafe nodes <= YAMLParser.nodesMax else {
        throw unsafe mistake(
          line, "the file has more than \(YAMLParser.nodesMax) values; shorten it")
      }
      guard depth < YAMLParser.depthMax else {
        throw unsafe mistake(
          line, "maps and lists are more than \(YAMLParser.depthMax) deep; flatten them")
      }
      switch event {
      case .scalar(let text, let isPlain):
        return YAMLNode(content: .scalar(text, isPlain: isPlain), line: line)
      case .list:
        var items: [YAMLNode] = []
        while true {
          let (event, itemLine) = try unsafe next()
          if case .end = event { return YAMLNode(content: .list(items), line: line) }
          items.append(try unsafe node(event, line: itemLine, depth: depth + 1))
        }
      case .map:
        return YAMLNode(content: .map(try unsafe entries(depth: depth)), line: line)
      case .alias:
        throw unsafe mistake(line, "aliases are not supported; write the value out")
      default:
        throw unsafe mistake(line, "a value is missing; write one")
      }
    }

    private mutating func entries(depth: Int) throws(FileMistake) -> [YAMLNode.Entry] {
      var entries: [YAMLNode.Entry] = []
      var lines: [String: Int] = [:]
      while true {
        let (event, line) = try unsafe next()
        if case .end = event { return entries }
        guard case .scalar(let key, _) = event else {
          throw unsafe mistake(
            line, "a key is not a plain text; write a name such as tls_server_config")
        }
        if let earlier = lines.updateValue(line, forKey: key) {
          throw unsafe mistake(
            line, "\(key.quoted) is given twice, first on line \(earlier); leave one of them out")
        }
        let (valueEvent, valueLine) = try unsafe next()
        let value = try unsafe node(valueEvent, line: valueLine, depth: depth + 1)
        entries.append(YAMLNode.Entry(key: key, keyLine: line, value: value))
      }
    }

    private mutating func next() throws(FileMistake) -> (Event, line: Int) {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw unsafe notYAML() }
      defer { unsafe yaml_event_delete(&event) }
      let line = unsafe event.start_mark.line + 1
      return (unsafe Self.copy(event), line)
    }

    private static func copy(_ event: yaml_event_t) -> Event {
      switch unsafe event.type {
      case YAML_SCALAR_EVENT:
        let scalar = unsafe event.data.scalar
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return .scalar(
          unsafe String(decoding: bytes, as: UTF8.self),
          isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
      case YAML_SEQUENCE_START_EVENT: return .list
      case YAML_MAPPING_START_EVENT: return .map
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
      case YAML_DOCUMENT_START_EVENT: return .document
      case YAML_DOCUMENT_END_EVENT: return .endOfDocument
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .endOfStream
      case YAML_ALIAS_EVENT: return .alias
      default: return .other
      }
    }

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
