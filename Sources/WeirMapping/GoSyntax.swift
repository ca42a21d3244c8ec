/// Where Go's regular expressions differ in syntax from RE2's.
///
/// | written | Go | RE2 |
/// | --- | --- | --- |
/// | `(?<name>a)` | a named group | unknown before 2023 |
/// | `\_` | an underscore | refused |
/// | `\C` | refused | any byte |
enum GoSyntax {
  /// A pattern that RE2 reads as Go reads `pattern`.
  ///
  /// - Throws: `ExpressionError` for what only RE2 accepts.
  static func spelledForRE2(_ pattern: String) throws(ExpressionError) -> String {
    var output: [UInt8] = []
    var rest = Array(pattern.utf8)[...]
    /// After `\Q` everything is literal, up to `\E`.
    var isQuoted = false
    /// The number of bytes since the `[` of a class; nil outside of one.
    var classBytes: Int?
    while let byte = rest.popFirst() {
      if isQuoted {
        output.append(byte)
        isQuoted = byte != UInt8(ascii: "\\") || rest.first != UInt8(ascii: "E")
        continue
      }
      if byte == UInt8(ascii: "\\"), let next = rest.first {
        rest.removeFirst()
        if next == UInt8(ascii: "Q"), classBytes == nil {
          isQuoted = true
        } else if next == UInt8(ascii: "C") {
          throw ExpressionError("invalid escape sequence: \\C")
        } else if next == UInt8(ascii: "_") {
          output.append(next)
          classBytes = classBytes.map { $0 + 1 }
          continue
        }
        output += [byte, next]
        classBytes = classBytes.map { $0 + 2 }
        continue
      }
      output.append(byte)
      if let count = classBytes {
        let isFirst = count == 0 || count == 1 && output[output.count - 2] == UInt8(ascii: "^")
        if byte == UInt8(ascii: "["), rest.first == UInt8(ascii: ":"),
          let end = nameEnd(of: rest)
        {
          // `[:alpha:]`
          output += rest[..<end]
          rest = rest[end...]
        }
        classBytes = byte == UInt8(ascii: "]") && !isFirst ? nil : count + 1
      } else if byte == UInt8(ascii: "[") {
        classBytes = 0
      } else if byte == UInt8(ascii: "("), rest.starts(with: Array("?<".utf8)) {
        rest.removeFirst(2)
        output += Array("?P<".utf8)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Where a class's name ends that begins with `:`, after its `:]`.
  private static func nameEnd(of rest: ArraySlice<UInt8>) -> Int? {
    for index in rest.indices.dropFirst() where rest[index] == UInt8(ascii: ":") {
      return rest.indices.contains(index + 1) && rest[index + 1] == UInt8(ascii: "]")
        ? index + 2 : nil
    }
    return nil
  }

  /// Whether every text that an expression requires is ASCII and in the case in which it is written.
  ///
  /// Nothing is parsed: without other characters, escapes for them and flags, which may be `i`, it must
  /// be so.
  static func requiresPlainASCII(_ pattern: String) -> Bool {
    var rest = Array(pattern.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte < 0x80 else { return false }
      guard let next = rest.first else { return true }
      if byte == UInt8(ascii: "\\") {
        // `\x{e9}`, `\pL`, `\351`
        if next.isDigit || next | 0x20 == UInt8(ascii: "x") || next | 0x20 == UInt8(ascii: "p") {
          return false
        }
      } else if byte == UInt8(ascii: "("), next == UInt8(ascii: "?") {
        rest.removeFirst()
        guard let mark = rest.first, [":", "P", "<"].contains(Unicode.Scalar(mark)) else {
          return false
        }
      }
    }
    return true
  }
}
