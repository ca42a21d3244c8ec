import WeirBytes
import WeirCurl
import WeirInsight
import WeirJSON

/// Asks for `/api/v1/status`, at first for all, then for what is new.
final class StatusQuestion {
  private let connection: WeirConnection
  private var since: Int?

  init(_ connection: WeirConnection) { self.connection = connection }

  var url: String { connection.root }

  /// The body as it came.
  func body() throws(CommandFailure) -> [UInt8] {
    let answer: CurlConnection.Answer
    let query = since.map { "?since=\($0)" } ?? ""
    do throws(CurlConnection.Failure) {
      answer = try connection.get(
        "\(connection.root)/api/v1/status\(query)", accept: "application/json")
    } catch {
      throw connection.unreachable(error)
    }
    guard answer.status == 200 else {
      throw connection.failure(status: answer.status, JSONValue(answer.body)?["error"].text)
    }
    return answer.body
  }

  func ask() throws(CommandFailure) -> StatusAnswer { try read(try body()) }

  func read(_ body: [UInt8]) throws(CommandFailure) -> StatusAnswer {
    guard let answer = JSONValue(body).flatMap({ StatusAnswer($0) }) else {
      throw .unreachable(
        "\(connection.root)/api/v1/status is not an answer of weir; write the address of weir with --url"
      )
    }
    since = answer.nowMilliseconds
    return answer
  }

  /// Asks for everything the next time.
  func forget() { since = nil }

  /// An answer as one line that drives no terminal.
  static func line(_ body: [UInt8]) -> String {
    let space: [UInt8] = [0x0a, 0x0d, 0x20]
    let text = body.drop { space.contains($0) }
    let end = text.lastIndex { !space.contains($0) } ?? text.endIndex
    return ShownText.of(
      text[..<(end == text.endIndex ? end : end + 1)].map { space.contains($0) ? 0x20 : $0 },
      form: .json)
  }
}
