import Testing

@testable import WeirSecurity

@Suite("A password")
struct BcryptTests {
  @Test(
    "matches only its own hash, in each variant",
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

  @Test(
    "does not match an invalid hash", arguments: ["", "*", "$2b$", "$2b$99$x", "pw", "a\0b"])
  func matchesNothing(_ hash: String) {
    #expect(!Bcrypt.matches(Array("pw".utf8), hash))
    #expect(!Bcrypt.matches([], hash))
  }

  @Test("has a different digest for each key and for each division of the same bytes")
  func digests() throws {
    let (one, two) = (try #require(SecretDigest()), try #require(SecretDigest()))
    let parts = [Array("ab".utf8), Array("c".utf8)]
    #expect(one.digest(of: parts) == one.digest(of: parts))
    #expect(one.digest(of: parts) != two.digest(of: parts))
    #expect(one.digest(of: parts) != one.digest(of: [Array("a".utf8), Array("bc".utf8)]))
    #expect(one.digest(of: parts) != one.digest(of: [Array("abc".utf8)]))
  }

  @Test("is compared completely")
  func compares() {
    #expect(ConstantTime.equal([1, 2], [1, 2]))
    #expect(ConstantTime.equal([], []))
    #expect(!ConstantTime.equal([1, 2], [1, 3]))
    #expect(!ConstantTime.equal([1, 2], [1]))
  }
}
