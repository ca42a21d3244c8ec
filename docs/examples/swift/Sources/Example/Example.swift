import WeirClient

/// Answers a hundred requests, and lets Weir know. The argument is Weir's address.
@main
struct Example {
  static func main() async throws {
    let server = CommandLine.arguments.dropFirst().first ?? "127.0.0.1:8125"
    var configuration = Configuration(server: server)
    configuration.labels = ["service": "example"]
    let client = try Client(configuration)

    // Handles are made once and kept.
    let served = try client.counter(
      "llm_requests_total", labels: ["provider": "openai", "status": "ok"],
      help: "Requests answered.")
    let failed = try client.counter(
      "llm_requests_total", labels: ["provider": "openai", "status": "error"])
    let tokens = try client.counter(
      "llm_tokens_total", labels: ["provider": "openai", "type": "completion"])
    let duration = try client.timer("llm_request_duration_seconds", labels: ["provider": "openai"])
    let waiting = try client.gauge("llm_requests_waiting", merge: .sum)

    for number in 1...100 {
      waiting.set(Double(100 - number))
      do {
        let reply = try await duration.measure { try await answer(to: number) }
        served.increment(exemplar: ["request": "\(number)"])
        tokens.increment(by: Double(reply.count))
      } catch {
        failed.increment()
      }
    }
    print(client.close() ? "Weir has all of it." : "Weir at \(server) did not answer.")
  }

  struct Busy: Error {}

  static func answer(to request: Int) async throws -> String {
    try await Task.sleep(for: .milliseconds(request % 5))
    if request.isMultiple(of: 20) { throw Busy() }
    return String(repeating: "word ", count: request)
  }
}
