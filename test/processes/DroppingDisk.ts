/**
 * A disk that loses, with the power, every write that was not synced, or keeps some of them: built from the calls a
 * process made. A file's name is on it once its folder was synced.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import type { Draw } from "../support/Numbers.ts"
import type { Call } from "./SystemCalls.ts"

type Change = Extract<Call, { readonly kind: "write" | "truncate" }>

interface Stored {
  /** As of its last sync. */
  readonly synced: Buffer
  readonly since: ReadonlyArray<Change>
  /** Where a write without a position goes. */
  readonly end: number
}

const SECTOR = 512

const sized = (bytes: Buffer, size: number): Buffer =>
  bytes.length >= size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.length)])

const put = (bytes: Buffer, at: number, what: Uint8Array): Buffer => {
  const room = Buffer.from(sized(bytes, at + what.length))
  room.set(what, at)
  return room
}

const apply = (bytes: Buffer, change: Change): Buffer =>
  change.kind === "truncate"
    ? sized(Buffer.from(bytes.subarray(0, change.size)), change.size)
    : put(bytes, change.at ?? 0, change.bytes)

/** Some of a change's sectors, or none. */
const applySome = (bytes: Buffer, change: Change, draw: Draw): Buffer => {
  if (change.kind === "truncate") return draw(2) === 0 ? apply(bytes, change) : bytes
  let after = bytes
  const at = change.at ?? 0
  for (let from = 0; from < change.bytes.length; from += SECTOR) {
    if (draw(2) === 0) after = put(after, at + from, change.bytes.subarray(from, from + SECTOR))
  }
  return after
}

const nothing: Stored = { synced: Buffer.alloc(0), since: [], end: 0 }

export class DroppingDisk {
  private readonly files = new Map<string, Stored>()
  private readonly names = new Map<string, ReadonlySet<string>>()

  /** One call of the process. */
  play(call: Call): void {
    switch (call.kind) {
      case "write": {
        const file = this.files.get(call.path) ?? nothing
        const at = call.at ?? file.end
        const change = { ...call, at }
        this.files.set(call.path, { ...file, since: [...file.since, change], end: at + call.bytes.length })
        return
      }
      case "truncate": {
        const file = this.files.get(call.path) ?? nothing
        this.files.set(call.path, { ...file, since: [...file.since, call] })
        return
      }
      case "create":
        if (!this.files.has(call.path)) this.files.set(call.path, nothing)
        return
      case "unlink":
        this.files.delete(call.path)
        return
      case "sync": {
        const file = this.files.get(call.path)
        if (file !== undefined) {
          this.files.set(call.path, { ...file, synced: file.since.reduce(apply, file.synced), since: [] })
        } else {
          const within = [...this.files.keys()].filter((path) => dirname(path) === call.path)
          this.names.set(call.path, new Set(within))
        }
      }
    }
  }

  /** Writes what is left of `folder` when the power goes now; with `draw`, some unsynced sectors have made it too. */
  lose(folder: string, into: string, draw?: Draw): void {
    for (const [path, { since, synced }] of this.files) {
      if (!(this.names.get(dirname(path))?.has(path) ?? false)) continue
      const left =
        draw === undefined ? synced : since.reduce((bytes, change) => applySome(bytes, change, draw), synced)
      const to = join(into, relative(folder, path))
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, left)
    }
  }
}
