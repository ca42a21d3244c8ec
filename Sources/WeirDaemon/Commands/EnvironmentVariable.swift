// Safety: getenv(3) returns a terminated string, which is copied at once. Commands read the environment before
// anything changes it.

import Glibc

/// The environment of a command.
enum EnvironmentVariable {
  /// Nil if it is not set, or empty.
  static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    let value = unsafe String(cString: text)
    return value.isEmpty ? nil : value
  }

  /// Whether the terminal shows UTF-8, as the locale says.
  static var isUTF8: Bool {
    let locale = value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? ""
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }
}
