/// `--push.keys-file`: the keys with which instances sign the frames that they push.
///
/// ```yaml
/// keys:
///   - id: gateway-2026
///     secret: 8f…   # at least 32 hexadecimal digits: openssl rand -hex 32
///     forwarder: true   # another Weir signs with it
/// ```
package struct PushKeysFile: Sendable, Equatable {
  package struct Key: Sendable, Equatable {
    /// 1 to `idBytesMax` bytes.
    package let id: String
    package let secret: [UInt8]
    /// Whether a Weir that forwards may sign with it.
    package var mayForward = false
  }

  /// In the order of the file; not empty.
  package let keys: [Key]
  /// A sentence for each thing that is allowed but not advisable.
  package let warnings: [String]

  /// As in the protocol.
  static let idBytesMax = 32
  /// 128 bits cannot be guessed.
  static let secretBytesMin = 16
  static let secretBytesMax = 64
  /// Rotation takes two keys; some users have a key for each team.
  static let keysMax = 100

  /// Reads the file.
  ///
  /// - Parameter flag: The flag that names it.
  /// - Throws: `FileMistake`: the first mistake.
  package static func load(
    _ file: String, flag: String = "--push.keys-file"
  ) throws(FileMistake) -> PushKeysFile {
    let contents: FileContents
    do throws(FileTrouble) {
      contents = try FileContents.read(file, bytesMax: YAMLParser.bytesMax)
    } catch {
      throw FileMistake(
        file, line: nil,
        "\(error); \(error.remedy ?? "name a file of YAML with \(flag)")")
    }
    return try parse(
      contents.bytes, file: file, isReadableByOthers: contents.isReadableByOthers)
  }

  static func parse(
    _ bytes: [UInt8], file: String, isReadableByOthers: Bool
  ) throws(FileMistake) -> PushKeysFile {
    let root = try YAMLParser.parse(bytes, file: file)
    guard let root,
      let node = try YAMLFields(root, file: file, name: nil, keys: ["keys"]).node("keys"),
      case .list(let items) = node.content, !items.isEmpty
    else {
      throw FileMistake(
        file, line: root?.line,
        "there are no keys; write keys: and below it a list of keys, each with id and secret")
    }
    guard items.count <= keysMax else {
      throw FileMistake(
        file, line: items[keysMax].line, "there are more than \(keysMax) keys; remove old ones")
    }
    var keys: [Key] = []
    for item in items {
      let key = try read(item, file: file)
      guard !keys.contains(where: { $0.id == key.id }) else {
        throw FileMistake(
          file, line: item.line, "the id \(key.id.quoted) is given twice; give each key its own id")
      }
      keys.append(key)
    }
    let warning = FileMistake(
      file, line: nil, "users other than its owner may read it; run chmod 600 on it")
    return PushKeysFile(
      keys: keys, warnings: isReadableByOthers ? [warning.description] : [])
  }

  private static func read(_ node: YAMLNode, file: String) throws(FileMistake) -> Key {
    let fields = try YAMLFields(
      node, file: file, name: "a key", keys: ["id", "secret", "forwarder"])
    guard let id = try fields.text("id") else {
      throw FileMistake(
        file, line: node.line, "a key has no id; write one such as id: gateway-2026")
    }
    guard (1...idBytesMax).contains(id.value.utf8.count) else {
      throw FileMistake(
        file, line: id.line,
        "the id \(id.value.quoted) has \(id.value.utf8.count) bytes; write 1 to \(idBytesMax)")
    }
    guard let secret = try fields.text("secret") else {
      throw FileMistake(
        file, line: node.line,
        "the key \(id.value.quoted) has no secret; make one with openssl rand -hex 32")
    }
    guard let bytes = hexadecimal(secret.value),
      (secretBytesMin...secretBytesMax).contains(bytes.count)
    else {
      // The secret must not be logged.
      throw FileMistake(
        file, line: secret.line,
        "the secret of \(id.value.quoted) is not \(2 * secretBytesMin) to \(2 * secretBytesMax) hexadecimal "
          + "digits; make one with openssl rand -hex 32")
    }
    let mayForward = try fields.flag("forwarder")?.value ?? false
    return Key(id: id.value, secret: bytes, mayForward: mayForward)
  }

  private static func hexadecimal(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(UInt8(high * 16 + low))
    }
    return bytes
  }
}
