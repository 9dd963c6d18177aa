/** Standard input to its end, and no more of it than a hook can want. */
import { Unusable } from "./Hook.ts"

/** An event carries what a tool was given: the whole text of a file, at most. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** Never rejects. Standard input that stays open is the deadline's business. */
export const readStdin = (): Promise<string | Unusable> =>
  new Promise((resolve) => {
    const chunks: Array<Uint8Array> = []
    let bytes = 0
    const stdin = process.stdin
    stdin.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > MAX_EVENT_BYTES) {
        stdin.removeAllListeners("data")
        resolve(new Unusable(`the event is larger than ${MAX_EVENT_BYTES} bytes.`))
      } else {
        chunks.push(chunk)
      }
    })
    stdin.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")))
    stdin.on("error", (cause) => resolve(new Unusable(`standard input cannot be read: ${cause.message}.`)))
  })
