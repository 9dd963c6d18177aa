/**
 * A year of the covered-call session: AAPL, every session of 2017, on modelled
 * option quotes, under the desk's limits. Sessions a second of wall time, with
 * report data and all but the page. Beside it, in the same process, the same
 * year of the same share bought and held: what the options cost.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Option } from "effect"
import { dollars } from "../src/domain/Money.ts"
import { sessionDate } from "../src/domain/Timestamp.ts"
import { playRun } from "../src/programs/RunDesk.ts"
import * as RunFolder from "../src/programs/RunFolder.ts"
import { runFile, runInputs } from "../src/programs/RunPreparation.ts"
import { openSources } from "../src/programs/RunSetup.ts"

const home = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
const market = { source: "embedded" } as const

const year = (strategy: string) =>
  Effect.gen(function* () {
    const { sources } = yield* openSources(market, home)
    const inputs = yield* runInputs(
      {
        market,
        symbols: ["AAPL"],
        from: Option.some(sessionDate("2017-01-03")),
        to: Option.some(sessionDate("2017-12-29")),
        cash: Option.some(dollars(1_000_000)),
        strategies: [strategy],
        limits: Option.some("desk"),
        resumePolicy: Option.none(),
        seed: Option.none(),
        words: { from: "from", to: "to", symbols: "symbols" }
      },
      sources
    )
    const file = runFile(inputs, market, home)
    const folder = yield* RunFolder.create(join(home, "runs"), file)
    const begun = process.hrtime.bigint()
    const run = yield* playRun({
      folder,
      file,
      sources,
      generatedBy: "bench",
      next: [],
      onProgress: () => Effect.void
    })
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9
    const [{ options, summary }] = run.books
    return {
      seconds,
      sessions: summary.sessions,
      optionOrders: options.orders,
      events: options.events.length
    }
  }).pipe(Effect.provide(NodeServices.layer), Effect.runPromise)

// The first run of a process also compiles the program and reads the prices.
await year("buy-and-hold")
const held = await year("buy-and-hold")
const called = await year("covered-call")
rmSync(home, { recursive: true })

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
const perSecond = ({ seconds, sessions }: { readonly seconds: number; readonly sessions: number }): number =>
  sessions / seconds
const outcome = {
  name: "coveredCall",
  unit: "sessions/s",
  value: rounded(perSecond(called), 0),
  baseline: rounded(perSecond(held), 0),
  ratio: rounded(perSecond(called) / perSecond(held), 3),
  sessions: called.sessions,
  seconds: rounded(called.seconds, 2),
  optionOrders: called.optionOrders,
  optionEvents: called.events
}
process.stdout.write(
  process.argv.includes("--json")
    ? `${JSON.stringify(outcome)}\n`
    : `coveredCall  ${outcome.sessions} sessions in ${outcome.seconds} s: ${outcome.value} sessions/s, ${outcome.optionOrders} option orders (held without options ${outcome.baseline}/s, ratio ${outcome.ratio})\n`
)
