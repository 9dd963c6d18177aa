/**
 * The main job as a newcomer starts it: `plimsoll run`, the whole embedded
 * history, both books, report and all. Sessions a second of wall time, and the
 * largest resident memory. Beside it, in the same run, what reading the prices
 * alone takes: every tick of every session fetched by a process that trades nothing.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Predicate } from "effect"
import { sessionDate, timestamp } from "../src/domain/Timestamp.ts"
import { MarketClock } from "../src/market/MarketClock.ts"
import { MarketData } from "../src/market/MarketData.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import * as SourcedMarketData from "../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../src/market/SteppedClock.ts"
import { sessionsBetween } from "../src/market/TradingCalendar.ts"

const root = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))

const preload = join(folder, "preload.cjs")
const memory = join(folder, "memory")
writeFileSync(
  preload,
  `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)))`
)

const begun = process.hrtime.bigint()
const run = spawnSync(process.execPath, ["-r", preload, join(root, "dist/plimsoll.cjs"), "run", "--json"], {
  cwd: folder,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024
})
const seconds = Number(process.hrtime.bigint() - begun) / 1e9
if (run.status !== 0) throw new Error(`plimsoll run failed (${run.status}): ${run.stderr}`)
const result: unknown = JSON.parse(run.stdout)
if (!Predicate.hasProperty(result, "sessions") || typeof result.sessions !== "number") {
  throw new Error("plimsoll run --json has no sessions")
}
const { sessions } = result
const megabytes = Number(readFileSync(memory, "utf8")) / 1024
rmSync(folder, { recursive: true })

const all = sessionsBetween(sessionDate("2000-01-03"), sessionDate("2020-04-17"))
const start = timestamp((all[0]?.open ?? 1) - 1)
const reading = await Effect.gen(function* () {
  const data = yield* MarketData
  const clock = yield* SteppedClock
  const from = process.hrtime.bigint()
  let ticks = 0
  let after = start
  for (const { close } of all) {
    yield* clock.set(close)
    ticks += (yield* data.ticks({ instrumentIds: [EmbeddedReplay.spxReplayId], after, until: close })).length
    after = close
  }
  return { ticks, seconds: Number(process.hrtime.bigint() - from) / 1e9 }
}).pipe(
  Effect.provide(
    Layer.unwrap(
      Effect.map(EmbeddedReplay.make(), (source) => SourcedMarketData.layer({ sources: [source], seed: "1" }))
    ).pipe(Layer.provideMerge(MarketClock.layerStepped({ start })), Layer.provideMerge(NodeServices.layer))
  ),
  Effect.runPromise
)

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
const outcome = {
  name: "run",
  unit: "sessions/s",
  value: rounded(sessions / seconds, 0),
  baseline: rounded(all.length / reading.seconds, 0),
  ratio: rounded(sessions / seconds / (all.length / reading.seconds), 3),
  sessions,
  seconds: rounded(seconds, 1),
  peakMegabytes: rounded(megabytes, 0)
}
process.stdout.write(
  process.argv.includes("--json")
    ? `${JSON.stringify(outcome)}\n`
    : `run  ${outcome.sessions} sessions in ${outcome.seconds} s: ${outcome.value} sessions/s (reading the ticks alone ${outcome.baseline}/s, ratio ${outcome.ratio}), peak ${outcome.peakMegabytes} MB\n`
)
