/** Which start of the machine this is: what the steady clock goes by. */
import { readFileSync, readlinkSync } from "node:fs"

const textFrom = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ""
  }
}

/**
 * On Linux the kernel's boot id, the same in all containers, and the time
 * namespace, as one of its own has a monotonic clock of its own. Empty where
 * the system tells neither; a restart is then seen by the monotonic clock
 * having gone back.
 */
export const bootId = (): string =>
  [
    textFrom(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    textFrom(() => readlinkSync("/proc/self/ns/time"))
  ]
    .filter((part) => part !== "")
    .join(" ")
