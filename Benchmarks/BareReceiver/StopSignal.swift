import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT, as a question.
struct StopSignal {
  private final class Answer: Sendable {
    let isRaised = Atomic(false)
  }

  private let answer = Answer()
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGTERM, SIGINT].map { number in
      // Without this the signal would end the program before anyone is asked.
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [answer] in answer.isRaised.store(true, ordering: .relaxed) }
      source.activate()
    }
  }

  var isRaised: Bool { answer.isRaised.load(ordering: .relaxed) }
}
