// Pushes some counts by the client for Swift: arguments are the server's address, a value, and perhaps a key's id
// and secret in hexadecimal. With `exit` in place of a key it ends without closing its client.

import Glibc
import WeirClient

func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = Array(hexadecimal)
  return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
    UInt8(String(digits[$0...$0 + 1]), radix: 16)
  }
}

func run() throws -> Int32 {
  let arguments = CommandLine.arguments
  guard arguments.count >= 3, let value = Double(arguments[2]) else { return 2 }
  var configuration = Configuration(server: arguments[1])
  configuration.labels = ["service": "test"]
  configuration.collectsProcessMetrics = false
  if arguments.count == 5 {
    configuration.key = try SigningKey(id: arguments[3], secret: bytes(arguments[4]))
  }
  let client = try Client(configuration)
  client.counter("pushed_total", labels: ["client": "swift"], help: "What the tests push.")
    .increment(by: value)
  client.histogram("pushed_seconds", labels: ["client": "swift"], unit: "seconds")
    .observe(value / 1_024, exemplar: ["trace_id": "swift"])
  client.gauge("pushed_gauge", merge: .max).set(value)
  if arguments.last == "exit" { exit(0) }
  return client.close(timeout: .seconds(10)) ? 0 : 1
}

exit(try run())
