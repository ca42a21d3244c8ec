import Testing

@testable import WeirSecurity

@Suite("A password")
struct BcryptTests {
  @Test(
    "matches its own hash, in each variant, and no other does",
    arguments: [
      ("pw", "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW"),
      ("pw", "$2y$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW"),
      ("pw", "$2a$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW"),
    ])
  func matches(_ password: String, _ hash: String) {
    #expect(Bcrypt.matches(Array(password.utf8), hash))
    for other in ["", "pW", "pw ", "pw\0", "p"] {
      #expect(!Bcrypt.matches(Array(other.utf8), hash))
    }
    #expect(!Bcrypt.matches(Array(password.utf8), String(hash.dropLast()) + "Q"))
  }

  @Test("matches nothing that is no hash", arguments: ["", "*", "$2b$", "$2b$99$x", "pw", "a\0b"])
  func matchesNothing(_ hash: String) {
    #expect(!Bcrypt.matches(Array("pw".utf8), hash))
    #expect(!Bcrypt.matches([], hash))
  }

  @Test("becomes another digest in every process, and with every division of the same bytes")
  func digests() throws {
    let (one, two) = (try #require(SecretDigest()), try #require(SecretDigest()))
    let parts = [Array("ab".utf8), Array("c".utf8)]
    #expect(one.of(parts) == one.of(parts))
    #expect(one.of(parts) != two.of(parts))
    #expect(one.of(parts) != one.of([Array("a".utf8), Array("bc".utf8)]))
    #expect(one.of(parts) != one.of([Array("abc".utf8)]))
  }

  @Test("is compared in full")
  func compares() {
    #expect(ConstantTime.equal([1, 2], [1, 2]))
    #expect(ConstantTime.equal([], []))
    #expect(!ConstantTime.equal([1, 2], [1, 3]))
    #expect(!ConstantTime.equal([1, 2], [1]))
  }
}
