/** A PostgreSQL server of a test's own, to be stopped and started; see scripts/postgres.sh. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect } from "effect"

const script = resolve(import.meta.dirname, "../../scripts/postgres.sh")

const run = (...args: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.callback<string>((resume) => {
    execFile("sh", [script, ...args], (error, stdout, stderr) => {
      resume(
        error === null
          ? Effect.succeed(stdout.trim())
          : Effect.die(new Error(`postgres.sh ${args.join(" ")}: ${stderr}`))
      )
    })
  })

export interface PostgresServer {
  readonly url: string
  readonly start: Effect.Effect<void>
  /** fast: sessions are ended; immediate: as if the machine had crashed. */
  readonly stop: (mode: "fast" | "immediate") => Effect.Effect<void>
}

/** Started; gone with the scope. */
export const postgresServer = Effect.acquireRelease(
  Effect.gen(function* () {
    // A socket's path is short.
    const folder = mkdtempSync(join("/tmp", "pgs-"))
    const url = yield* run("start", folder)
    const server: PostgresServer = {
      url,
      start: Effect.asVoid(run("start", folder)),
      stop: (mode) => Effect.asVoid(run("stop", folder, mode))
    }
    return { folder, server }
  }),
  ({ folder }) =>
    Effect.andThen(
      run("stop", folder, "immediate"),
      Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
).pipe(Effect.map(({ server }) => server))
