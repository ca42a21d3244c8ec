/// The system calls that the state file needs, so that tests can make them fail.
package protocol StateSystem: Sendable {}

/// The calls of the Linux kernel.
package struct LinuxSystem: StateSystem {
  package init() {}
}
