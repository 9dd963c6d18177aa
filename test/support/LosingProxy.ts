/**
 * Stands between a program and a PostgreSQL server, on a Unix socket of its own, and cuts the connection at the
 * first COMMIT: before the server has it, or after the server has done it and before its answer is back.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

export type Loses = "nothing" | "the COMMIT" | "the answer to COMMIT"

export interface LosingProxy {
  /** The server's address by way of the proxy. */
  readonly url: string
  /** From the next COMMIT on; one only is lost. */
  loses: Loses
}

const NAME = ".s.PGSQL.5432"

const relay = (proxy: LosingProxy, client: Socket, target: string): void => {
  const server = connect(join(target, NAME))
  const end = (): void => {
    client.destroy()
    server.destroy()
  }
  let answerIsLost = false
  client.on("data", (chunk) => {
    if (proxy.loses !== "nothing" && chunk.includes("COMMIT")) {
      const lost = proxy.loses
      proxy.loses = "nothing"
      if (lost === "the COMMIT") return end()
      answerIsLost = true
    }
    server.write(chunk)
  })
  server.on("data", (chunk) => {
    if (answerIsLost) end()
    else client.write(chunk)
  })
  for (const socket of [client, server]) socket.on("close", end).on("error", end)
}

/** A proxy before the server of `url`, whose host is a folder, for as long as the scope lasts. */
export const losingProxy = (url: string) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly proxy: LosingProxy; readonly close: () => void }>((resume) => {
      const folder = mkdtempSync(join(tmpdir(), "pgp-"))
      const through = new URL(url)
      const target = through.searchParams.get("host") ?? ""
      through.searchParams.set("host", folder)
      const proxy: LosingProxy = { url: through.href, loses: "nothing" }
      const listener = createServer((client) => relay(proxy, client, target))
      const close = (): void => {
        listener.close()
        rmSync(folder, { recursive: true, force: true })
      }
      listener.listen(join(folder, NAME), () => resume(Effect.succeed({ proxy, close })))
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ proxy }) => proxy))
