// Safety: tcgetattr(3), tcsetattr(3), the terminal's size, a signal's action and mask, and read(2) use local values
// during the call only.

import CLinux
import Glibc
import WeirTerminal

/// A terminal without echo and lines, on its second screen, until `restore`.
final class RawTerminal {
  static let sizeByDefault = (columns: 80, rows: 24)
  private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
  private static let leave = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

  private let output: CommandOutput
  private var before = termios()
  /// Whether the terminal is this command's, and not the shell's.
  private(set) var isRaw = false
  private var shown: [String] = []

  /// Whether input and output are a terminal that can be drawn on.
  static var isUsable: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
      && Style.canMove(EnvironmentVariable.value)
  }

  /// - Throws: `StartError` if the terminal can't be set up.
  init(_ output: CommandOutput) throws {
    self.output = output
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else {
      throw StartError(description: "the terminal cannot be read; use --once")
    }
    try begin()
  }

  deinit { restore() }

  private func begin() throws {
    try setRaw()
    isRaw = true
    try output.write(RawTerminal.enter)
  }

  private func setRaw() throws {
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
    guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else {
      throw StartError(description: "the terminal cannot be changed; use --once")
    }
  }

  /// Gives the terminal back as it was. Calling it again does nothing.
  func restore() {
    guard isRaw else { return }
    isRaw = false
    try? output.write(RawTerminal.leave)
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
  }

  /// Whether this command is the foreground job of its terminal. A background job must not change the terminal.
  var isForeground: Bool {
    let group = tcgetpgrp(STDIN_FILENO)
    return group < 0 || group == getpgrp()
  }

  /// Takes the terminal again after the process was stopped and continued, and forgets what is shown.
  ///
  /// - Throws: `StartError` if the terminal can't be set up.
  func resume() throws {
    guard isRaw else {
      // The shell had the terminal, and its user may have changed it.
      _ = unsafe tcgetattr(STDIN_FILENO, &before)
      shown = []
      return try begin()
    }
    // SIGSTOP leaves no time to restore the terminal, so a shell may have set its own mode.
    try setRaw()
    try clear()
  }

  /// Stops the process until it is continued, by a signal whose default action that is.
  ///
  /// Dispatch has a handler for each signal that is watched, and its threads block all signals, so both are undone for
  /// the moment. The kernel ignores SIGTSTP where no shell could continue the process.
  static func stopProcess(_ number: Int32) {
    var standard = sigaction()
    var action = sigaction()
    unsafe sigaction(number, &standard, &action)
    var set = sigset_t()
    var blocked = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, &blocked)
    raise(number)
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
    unsafe sigaction(number, &action, nil)
  }

  var size: (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard unsafe weir_terminal_size(STDOUT_FILENO, &columns, &rows) == 0, columns > 0, rows > 0
    else { return RawTerminal.sizeByDefault }
    return (min(1_000, Int(columns)), min(1_000, Int(rows)))
  }

  /// Forgets what is shown, so that everything is drawn again.
  func clear() throws {
    shown = []
    try output.write("\u{1b}[2J")
  }

  /// Draws the lines that have changed, in one write.
  func draw(_ lines: [String]) throws {
    var text = ""
    for (row, line) in lines.enumerated() where row >= shown.count || shown[row] != line {
      // A line as wide as the screen leaves the cursor on its last character, so it is cleared before.
      text += "\u{1b}[\(row + 1);1H\u{1b}[2K\(line)"
    }
    if lines.count < shown.count { text += "\u{1b}[\(lines.count + 1);1H\u{1b}[J" }
    shown = lines
    guard !text.isEmpty else { return }
    try output.write("\u{1b}[?2026h\(text)\u{1b}[?2026l")
  }

  /// The bytes that were typed; empty if the terminal is gone. Waits if there are none.
  func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe Glibc.read(STDIN_FILENO, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : []
  }

  /// Waits for a key or a signal.
  ///
  /// - Returns: Whether there is a key.
  func wait(_ signals: SignalWatch, milliseconds: Int) -> Bool {
    var polled = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&polled, 2, Int32(clamping: max(0, milliseconds)))
    return polled[0].revents != 0
  }
}
