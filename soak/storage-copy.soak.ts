/**
 * A desk's move between a file and a PostgreSQL server, killed −9 before each thing it does to a database or to the
 * file that says where the desk is: after it the desk is usable in one place, whole, and the move can be finished.
 * In earnest every step in both directions; short, some of them, drawn from the seed. Wants PLIMSOLL_TEST_POSTGRES_URL.
 */
import { rmSync } from "node:fs"
import { Effect, Random } from "effect"
import { killAndLook, newDesk, stepsOf } from "../test/programs/KilledCopy.ts"
import { hasPostgres } from "../test/support/Postgres.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const { counts, json, seed } = soakFlags([["kills", { short: 12, full: 1000 }]])
const wanted = counts.get("kills") ?? 0

if (!hasPostgres) {
  process.stderr.write(
    "soak: storage-copy wants a server: scripts/postgres.sh start DIR, its URL in PLIMSOLL_TEST_POSTGRES_URL\n"
  )
  process.exit(64)
}

const soak = Effect.gen(function* () {
  const desk = yield* Effect.acquireRelease(newDesk, (folder) =>
    Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const all: Array<{ readonly to: "postgres" | "sqlite"; readonly at: number }> = []
  const steps: Record<string, number> = {}
  for (const to of ["postgres", "sqlite"] as const) {
    const count = yield* stepsOf(desk, to)
    steps[`steps_to_${to}`] = count
    for (let at = 1; at <= count; at++) all.push({ to, at })
  }
  const chosen = wanted >= all.length ? all : (yield* Random.shuffle(all)).slice(0, wanted)
  const progress = makeProgress("storage-copy")
  let done = 0
  const problems = yield* Effect.forEach(
    chosen,
    ({ at, to }) =>
      Effect.tap(killAndLook(desk, to, at), () => Effect.sync(() => progress((done += 1), chosen.length))),
    { concurrency: 2 }
  )
  report(
    { name: "storage-copy", seed, done: { kills: chosen.length }, failures: problems.flat(), figures: steps },
    json
  )
}).pipe(Effect.scoped, Random.withSeed(String(seed)))

await Effect.runPromise(soak)
