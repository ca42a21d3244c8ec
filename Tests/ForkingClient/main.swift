// A process that counts, forks, and counts on in both: arguments are the server's address, and what
// parent and child add to the same counter after the fork. The parent has added 100 before. With
// `silent` in place of what the child adds, it does not begin anew.

import Glibc
import WeirClient

/// `fork` is not for Swift programs, but for what they are linked with; so it is asked for by name.
func forkAsLibrariesDo() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  guard let symbol = dlsym(nil, "fork") else { return -1 }
  return unsafeBitCast(symbol, to: Fork.self)()
}

func run() throws -> Int32 {
  let arguments = CommandLine.arguments
  guard arguments.count == 4, let parents = Double(arguments[2]) else { return 2 }
  var configuration = Configuration(server: arguments[1])
  configuration.flushInterval = .milliseconds(10)
  configuration.collectsProcessMetrics = false
  let client = try Client(configuration)
  let counter = try client.counter("forked_total")
  let durations = try client.histogram("forked_seconds")
  counter.increment(by: 100)
  durations.observe(1)
  // Forked in the midst of flushing, and not of what is done but once.
  while client.statistics.framesSent < 3 { usleep(1_000) }
  let child = forkAsLibrariesDo()
  if child < 0 { return 3 }
  if child == 0 {
    if let childs = Double(arguments[3]) {
      client.restartAfterFork()
      counter.increment(by: childs)
      durations.observe(2)
      return client.close() ? 0 : 4
    }
    counter.increment(by: 1_000)
    return client.close() ? 4 : 0
  }
  counter.increment(by: parents)
  guard client.close() else { return 5 }
  var status: Int32 = 0
  guard waitpid(child, &status, 0) == child else { return 6 }
  return status == 0 ? 0 : 7
}

exit(try run())
