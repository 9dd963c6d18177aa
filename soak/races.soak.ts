/**
 * Processes that submit at once on one desk, at full rate, in scenarios of which each has another limit that binds. From
 * the journal alone it is counted anew whether a limit was passed at any line; every answer that a process had is held
 * against the journal (test/processes/).
 *
 * `--processes=N --orders=N` (orders a process). On PostgreSQL too where PLIMSOLL_TEST_POSTGRES_URL names a server.
 */
import { Effect } from "effect"
import { raceOn } from "../test/processes/Races.ts"
import { scenarios } from "../test/processes/Scenarios.ts"
import { dropSchema, hasPostgres, newSchema, urlOf } from "../test/support/Postgres.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const flags = soakFlags([
  ["processes", { short: 8, full: 64 }],
  ["orders", { short: 6, full: 12 }]
])
const processes = flags.counts.get("processes") ?? 0
const orders = flags.counts.get("orders") ?? 0
const again = `npm run soak -- races --seed=${flags.seed} --processes=${processes} --orders=${orders}`

/** Answers that are no decision: the process is told to try again, or to look. */
const undecided = (answer: string): boolean =>
  !["done", "repeated"].includes(answer) &&
  (!answer.startsWith("OrderDenied") || answer.endsWith("not-sent") || answer.endsWith("reconciliation"))

/** More than this of them would be starvation and no race. */
const MOST_UNDECIDED = 0.05

const progress = makeProgress("races")
const failures: Array<string> = []
const figures: Record<string, number | string> = {}
const counts = { submits: 0, sent: 0, filled: 0, undecided: 0, filling: 0 }

/** A file; and, where there is a server, a schema on it. */
const databases = hasPostgres ? ["file", "postgres"] : ["file"]
const runs = databases.flatMap((database) => scenarios.map((scenario) => ({ database, scenario })))

for (const [i, { database, scenario }] of runs.entries()) {
  const schema = newSchema()
  const { answers, folder, problems, seconds, usage } = await raceOn({
    scenario,
    processes,
    orders,
    seed: flags.seed,
    ...(database === "file" ? {} : { database: urlOf(schema) })
  })
  if (database !== "file") await Effect.runPromise(dropSchema(schema))
  for (const problem of problems) failures.push(`${scenario.name} (kept in ${folder}): ${problem}; ${again}`)
  for (const [answer, count] of answers) {
    counts.submits += count
    if (undecided(answer)) counts.undecided += count
  }
  counts.sent += usage.sent
  counts.filled += usage.filled
  if (usage.filled > 0) counts.filling += 1
  const refused = scenario.binding.some((rule) => answers.has(`OrderDenied ${rule}`))
  if (!refused && scenario.named)
    failures.push(`${scenario.name}: nothing was refused, so no limit was bound; ${again}`)
  figures[`${scenario.name}_on_${database}`] =
    `${usage.sent} sent, ${usage.filled} filled, ${[...answers].map(([what, count]) => `${count} ${what}`).join(", ")}; ${seconds.toFixed(1)} s`
  progress(i + 1, runs.length, `${failures.length} failures`)
}
if (counts.filling * 2 < runs.length) failures.push(`only ${counts.filling} scenarios filled; ${again}`)
if (counts.undecided > counts.submits * MOST_UNDECIDED) {
  failures.push(`${counts.undecided} of ${counts.submits} submits had no decision; ${again}`)
}

report(
  {
    name: "races",
    seed: flags.seed,
    done: { processes, scenarios: runs.length, submits: counts.submits },
    failures,
    figures: {
      ...figures,
      sent: counts.sent,
      filled: counts.filled,
      scenarios_that_filled: counts.filling,
      undecided: counts.undecided
    }
  },
  flags.json
)
