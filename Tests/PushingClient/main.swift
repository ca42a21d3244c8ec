// Pushes some counts by the client for Swift: arguments are the server's address, a value, and perhaps a key's id
// and secret in hexadecimal, or one word in place of a key:
//
// - `exit`: it ends without closing its client
// - `signals`: it says `ready`, and waits for a signal, at which the client is to send the last frames
// - `handler`: the same, with a handler of its own, which ends it with the status 7 and no more ado
// - `ignored`: the same, but that it ignores SIGTERM; it ends when its standard input does

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
  let mode = arguments.count == 4 ? arguments[3] : ""
  var configuration = Configuration(server: arguments[1])
  configuration.labels = ["service": "test"]
  configuration.collectsProcessMetrics = false
  if arguments.count == 5 {
    configuration.key = try SigningKey(id: arguments[3], secret: bytes(arguments[4]))
  }
  // Whoever started it may have them blocked, as Dispatch's threads do.
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
  if mode == "handler" { signal(SIGTERM) { _ in _exit(7) } }
  if mode == "ignored" { signal(SIGTERM, SIG_IGN) }
  if ["signals", "handler", "ignored"].contains(mode) {
    configuration.signals = [.terminate, .interrupt]
    // Longer than a test takes, so that nothing but a signal sends it.
    configuration.flushInterval = .seconds(5)
    configuration.exitTimeout = .seconds(10)
  }
  let client = try Client(configuration)
  try client.counter("pushed_total", labels: ["client": "swift"], help: "What the tests push.")
    .increment(by: value)
  try client.histogram("pushed_seconds", labels: ["client": "swift"], unit: "seconds")
    .observe(value / 1_024, exemplar: ["trace_id": "swift"])
  try client.gauge("pushed_gauge", merge: .max).set(value)
  switch mode {
  case "exit": exit(0)
  case "signals", "handler":
    print("ready")
    fflush(nil)
    while true { pause() }
  case "ignored":
    print("ready")
    fflush(nil)
    while readLine() != nil {}
  default: break
  }
  return client.close(timeout: .seconds(10)) ? 0 : 1
}

exit(try run())
