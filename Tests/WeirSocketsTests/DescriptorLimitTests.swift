import Glibc
import Testing

@testable import WeirSockets

@Suite struct DescriptorLimitTests {
  @Test func `the limit is raised as far as it goes`() async {
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

  @Test func `open descriptors are counted, and one is spare until it is let go`() async {
    await #expect(processExitsWith: .success) {
      let before = DescriptorLimit.openCount()
      var spare = SpareDescriptor()
      try #require(DescriptorLimit.openCount() == before + 1)
      spare.hold()
      try #require(DescriptorLimit.openCount() == before + 1)
      spare.release()
      try #require(DescriptorLimit.openCount() == before)
      var held = spare.isHeld
      try #require(!held)
      spare.hold()
      held = spare.isHeld
      try #require(held && DescriptorLimit.openCount() == before + 1)
      try #require(DescriptorLimit.openCount(searchedMax: 0) == 0)
    }
  }
}
