/** What a process holds, and what a desk's folder does. */
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

const MEGA = 1024 * 1024

/** Needs `--expose-gc`, which the soaks' runner gives: what is kept, not what is yet to be collected. */
export const collected = (): { readonly heapMb: number; readonly rssMb: number } => {
  if (globalThis.gc === undefined) throw new Error("run it by `npm run soak`, which exposes the collector")
  globalThis.gc()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapMb: heapUsed / MEGA, rssMb: rss / MEGA }
}

/** Open file descriptors; -1 where the system does not tell. */
export const descriptors = (): number => {
  try {
    // Reading the folder opens one more.
    return readdirSync("/proc/self/fd").length - 1
  } catch {
    return -1
  }
}

/** Listeners of the process itself, on every event there is. */
export const listeners = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

export interface DeskBytes {
  readonly databaseMb: number
  readonly walMb: number
  readonly auditMb: number
}

export const deskBytes = (folder: string): DeskBytes => {
  const audit = join(folder, "audit")
  return {
    databaseMb: bytesOf(join(folder, "desk.db")) / MEGA,
    walMb: bytesOf(join(folder, "desk.db-wal")) / MEGA,
    auditMb: readdirSync(audit).reduce((sum, name) => sum + bytesOf(join(audit, name)), 0) / MEGA
  }
}
