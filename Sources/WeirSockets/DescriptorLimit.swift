// Safety: getrlimit and setrlimit get the address of a local value for the call.

import Glibc

/// The limit on files and sockets that this process may have open (RLIMIT_NOFILE).
package enum DescriptorLimit {
  /// The current (soft) limit.
  package static func current() throws(SystemError) -> Int {
    Int(clamping: try read().rlim_cur)
  }

  /// Raises the soft limit to the hard limit, and returns it.
  ///
  /// The soft limit is low for programs that use select(2). This one does not.
  package static func raise() throws(SystemError) -> Int {
    var limit = try read()
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      guard unsafe setrlimit(resource, &limit) == 0 else { throw .last(.setrlimit) }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The number of open descriptors below `searchedMax`.
  ///
  /// - Complexity: O(`searchedMax`), 0.1 µs each.
  package static func openCount(searchedMax: Int = 4_096) -> Int {
    (0..<Int32(clamping: searchedMax)).count { fcntl($0, F_GETFD) >= 0 }
  }

  private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }

  private static func read() throws(SystemError) -> rlimit {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { throw .last(.getrlimit) }
    return limit
  }
}
