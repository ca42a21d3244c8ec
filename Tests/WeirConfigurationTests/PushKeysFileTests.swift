import Testing

@testable import WeirConfiguration

@Suite("The file of keys")
struct PushKeysFileTests {
  private static let secret = String(repeating: "0f", count: 16)

  @Test("is a list of ids with their secrets")
  func reads() throws {
    let text = """
      keys:
        - id: gateway-2026
          secret: \(PushKeysFileTests.secret)
        - {id: "zwei", secret: "000102030405060708090A0B0C0D0E0F10"}
      """
    let file = try PushKeysFile.parse(Array(text.utf8), file: "keys.yml", isReadableByOthers: false)
    #expect(file.keys.map(\.id) == ["gateway-2026", "zwei"])
    #expect(file.keys[0].secret == [UInt8](repeating: 15, count: 16))
    #expect(file.keys[1].secret == Array(0...16))
    #expect(file.warnings.isEmpty)
  }

  @Test("says which keys forwarders may use")
  func forwarders() throws {
    let secret = PushKeysFileTests.secret
    let text = """
      keys:
        - {id: a, secret: \(secret), forwarder: true}
        - {id: b, secret: \(secret), forwarder: false}
        - {id: c, secret: \(secret)}
      """
    let file = try PushKeysFile.parse(Array(text.utf8), file: "keys.yml", isReadableByOthers: false)
    #expect(file.keys.map(\.mayForward) == [true, false, false])
  }

  @Test("gives a warning if other users may read it")
  func warns() throws {
    let text = "keys: [{id: a, secret: \(PushKeysFileTests.secret)}]"
    let file = try PushKeysFile.parse(Array(text.utf8), file: "keys.yml", isReadableByOthers: true)
    #expect(
      file.warnings == [
        "keys.yml: users other than its owner may read it; run chmod 600 on it"
      ])
  }

  static let mistakes: [(text: String, sentence: String)] = [
    (
      "",
      "keys.yml: there are no keys; write keys: and below it a list of keys, each with id and secret"
    ),
    (
      "keys: []",
      "keys.yml:1: there are no keys; write keys: and below it a list of keys, each with id and secret"
    ),
    (
      "keys:\n  a: b",
      "keys.yml:1: there are no keys; write keys: and below it a list of keys, each with id and secret"
    ),
    ("key: []", "keys.yml:1: \"key\" is not a key; did you mean keys?"),
    (
      "keys:\n  - secret: \(secret)",
      "keys.yml:2: a key has no id; write one such as id: gateway-2026"
    ),
    (
      "keys:\n  - id: a",
      "keys.yml:2: the key \"a\" has no secret; make one with openssl rand -hex 32"
    ),
    (
      "keys:\n  - id: a\n    secret: 0f0f",
      "keys.yml:3: the secret of \"a\" is not 32 to 128 hexadecimal digits; make one with openssl rand -hex 32"
    ),
    (
      "keys:\n  - id: a\n    secret: \(secret)0",
      "keys.yml:3: the secret of \"a\" is not 32 to 128 hexadecimal digits; make one with openssl rand -hex 32"
    ),
    (
      "keys:\n  - id: a\n    secret: \(secret.replacing("0f", with: "0g"))",
      "keys.yml:3: the secret of \"a\" is not 32 to 128 hexadecimal digits; make one with openssl rand -hex 32"
    ),
    (
      "keys:\n  - id: \"\"\n    secret: \(secret)",
      "keys.yml:2: the id \"\" has 0 bytes; write 1 to 32"
    ),
    (
      "keys:\n  - {id: a, secret: \(secret)}\n  - {id: a, secret: \(secret)}",
      "keys.yml:3: the id \"a\" is given twice; give each key its own id"
    ),
    (
      "keys:\n  - {id: a, secret: \(secret), expires: never}",
      "keys.yml:2: \"expires\" is not a key in a key; the keys are id, secret, forwarder"
    ),
    (
      "keys:\n  - {id: a, secret: \(secret)}\n  - id: b\n    secret: \(secret)\n    forwarder: maybe",
      "keys.yml:5: forwarder is not true or false; write one of them"
    ),
  ]

  @Test("is refused with a sentence that never shows a secret", arguments: mistakes)
  func mistake(text: String, sentence: String) {
    do {
      _ = try PushKeysFile.parse(Array(text.utf8), file: "keys.yml", isReadableByOthers: false)
      Issue.record("nothing is wrong with \(text)")
    } catch {
      #expect(error.description == sentence)
    }
  }
}
