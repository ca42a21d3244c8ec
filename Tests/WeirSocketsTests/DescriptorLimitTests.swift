import Glibc
import Testing

@testable import WeirSockets

@Suite struct DescriptorLimitTests {
  @Test func `the soft limit is raised to the hard limit`() async {
    await #expect(processExitsWith: .success) {
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      var limit = rlimit(rlim_cur: 100, rlim_max: 200)
      setrlimit(resource, &limit)
      try #require(try DescriptorLimit.current() == 100)
      try #require(try DescriptorLimit.raise() == 200)
      try #require(try DescriptorLimit.current() == 200)
      try #require(try DescriptorLimit.raise() == 200)
    }
  }

  @Test func `open descriptors are counted, including high numbers`() {
    // No other test uses numbers this high.
    let mine = (0..<50).map { _ in fcntl(0, F_DUPFD_CLOEXEC, 3_000) }
    defer { for descriptor in mine { close(descriptor) } }
    #expect(mine.allSatisfy { $0 >= 3_000 })
    let all = DescriptorLimit.openCount(searchedMax: 3_100)
    #expect((50...).contains(all))
    close(mine[7])
    #expect((3_000..<3_100).count { fcntl($0, F_GETFD) >= 0 } == 49)
    #expect(DescriptorLimit.openCount(searchedMax: 0) == 0)
  }

  @Test func `releasing the spare descriptor makes room for another one`() async {
    await #expect(processExitsWith: .success) {
      var spare = SpareDescriptor()
      var isHeld = spare.isHeld
      try #require(isHeld)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      var last: Int32 = 0
      for _ in 0..<10 { last = dup(0) }
      var limit = rlimit(rlim_cur: rlim_t(last + 1), rlim_max: 4_096)
      setrlimit(resource, &limit)
      try #require(dup(0) < 0)
      spare.hold()
      spare.release()
      isHeld = spare.isHeld
      try #require(!isHeld)
      let taken = dup(0)
      try #require(taken >= 0)
      spare.hold()
      isHeld = spare.isHeld
      try #require(!isHeld)
      close(taken)
      spare.hold()
      isHeld = spare.isHeld
      try #require(isHeld)
    }
  }
}
