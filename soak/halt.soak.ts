/**
 * Trading is halted while eight processes submit at full rate: how soon the halt holds in each of them, and whether
 * anything works after it. On PostgreSQL too where PLIMSOLL_TEST_POSTGRES_URL names a server.
 *
 * `--rounds=N --processes=N`
 */
import { Effect } from "effect"
import { haltAmong, type HaltRound, WITHIN_MILLIS } from "../test/processes/Halts.ts"
import { dropSchema, hasPostgres, newSchema, urlOf } from "../test/support/Postgres.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const { counts, json, seed, short } = soakFlags([
  ["rounds", { short: 2, full: 50 }],
  ["processes", { short: 8, full: 8 }]
])
const rounds = counts.get("rounds") ?? 0
const processes = counts.get("processes") ?? 0

const progress = makeProgress("halt")
const failures: Array<string> = []
const figures: Record<string, number> = {}

const most = (all: ReadonlyArray<HaltRound>, of: (round: HaltRound) => number): number =>
  Math.round(Math.max(0, ...all.map(of)))

const run = async (database: string, place: () => Promise<HaltRound>, done: Array<HaltRound>) => {
  const round = await place()
  done.push(round)
  // A short run tells the times, and holds nobody to them: the machine may be busy with something else.
  if (!short && round.trippedMillis > WITHIN_MILLIS)
    failures.push(`${database}: halted after ${Math.round(round.trippedMillis)} ms (seed ${seed})`)
  for (const problem of round.problems) failures.push(`${database}: ${problem} (seed ${seed})`)
}

const onServer = async (roundSeed: number): Promise<HaltRound> => {
  const schema = newSchema()
  try {
    return await haltAmong({ processes, seed: roundSeed, database: urlOf(schema) })
  } finally {
    await Effect.runPromise(dropSchema(schema))
  }
}

const databases = hasPostgres ? ["sqlite", "postgres"] : ["sqlite"]
for (const database of databases) {
  const done: Array<HaltRound> = []
  for (let round = 0; round < rounds; round++) {
    const roundSeed = seed + round
    await run(
      database,
      () => (database === "sqlite" ? haltAmong({ processes, seed: roundSeed }) : onServer(roundSeed)),
      done
    )
    progress(round + 1, rounds, database)
  }
  figures[`${database}_orders_taken_before`] = done.reduce((sum, { taken }) => sum + taken, 0)
  figures[`${database}_last_order_taken_ms_max`] = most(done, ({ lastTakenMillis }) => lastTakenMillis)
  figures[`${database}_first_refusal_ms_max`] = most(done, ({ firstRefusedMillis }) => firstRefusedMillis)
  figures[`${database}_tripped_ms_max`] = most(done, ({ trippedMillis }) => trippedMillis)
  figures[`${database}_verified_ms_max`] = most(done, ({ verifiedMillis }) => verifiedMillis)
}
report({ name: "halt", seed, done: { halts: rounds * databases.length, processes }, failures, figures }, json)
