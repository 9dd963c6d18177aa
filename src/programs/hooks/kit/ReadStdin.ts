/** Standard input to its end, and no more of it than a hook can want. */
import { read } from "node:fs"
import { Unusable } from "./Hook.ts"

/** An event carries what a tool was given: the whole text of a file, at most. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024

const CHUNK_BYTES = 64 * 1024

const tooLarge = (): Unusable => new Unusable(`the event is larger than ${MAX_EVENT_BYTES} bytes.`)

const unreadable = (cause: Error): Unusable =>
  new Unusable(`standard input cannot be read: ${cause.message}.`)

/** What a pipe that does not block needs: Node's stream, which waits for what comes. */
const fromStream = (first: ReadonlyArray<Uint8Array>): Promise<string | Unusable> =>
  new Promise((resolve) => {
    const chunks = [...first]
    let bytes = chunks.reduce((total, chunk) => total + chunk.length, 0)
    const stdin = process.stdin
    stdin.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > MAX_EVENT_BYTES) resolve(tooLarge())
      else chunks.push(chunk)
    })
    stdin.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")))
    stdin.on("error", (cause) => resolve(unreadable(cause)))
  })

/**
 * Never rejects, and reads in another thread: standard input that stays open is the deadline's business.
 *
 * Node's stream of standard input would take a tenth of the time a hook has.
 */
export const readStdin = (): Promise<string | Unusable> =>
  new Promise((resolve) => {
    const chunks: Array<Uint8Array> = []
    let bytes = 0
    const next = (): void => {
      read(0, Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null, (cause, count, chunk) => {
        if (cause !== null) {
          return resolve(cause.code === "EAGAIN" ? fromStream(chunks) : unreadable(cause))
        }
        if (count === 0) return resolve(Buffer.concat(chunks).toString("utf8"))
        bytes += count
        if (bytes > MAX_EVENT_BYTES) return resolve(tooLarge())
        chunks.push(chunk.subarray(0, count))
        next()
      })
    }
    next()
  })
