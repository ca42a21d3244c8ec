// Safety: read(2) gets an array for the time of the call, with its size.

import Glibc
import WeirSockets

/// Which boot of the machine this is.
enum BootID {
  private static let path = "/proc/sys/kernel/random/boot_id"
  /// 36 characters and the end of the line.
  private static let bytesMax = 64

  /// 16 bytes, all zero where the system does not say.
  static func read() -> [UInt8] {
    let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return StateClock.unknownBoot }
    let descriptor = FileDescriptor(owning: raw)
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let count = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe Glibc.read(descriptor.raw, room.baseAddress, room.count)
    }
    guard count > 0 else { return StateClock.unknownBoot }
    return StateClock.bootID(String(decoding: bytes[..<count], as: UTF8.self))
  }
}
