/**
 * Ten thousand desks opened and closed in one process, and one desk that lives
 * through as many orders and cancels: nothing is left behind. Descriptors,
 * listeners, timers and other handles, memory and temporary files after the
 * last cycles are held against those after the first.
 */
import { mkdtempSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { actor, benchDesk, inSession, removeDesk, requestFor } from "../bench/BenchDesk.ts"
import { generator } from "../bench/Sampling.ts"
import { accountId, clientOrderId } from "../src/domain/Identifiers.ts"
import { dollars, price } from "../src/domain/Money.ts"
import { timestamp } from "../src/domain/Timestamp.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import { DeskView } from "../src/execution/DeskView.ts"
import { KillSwitch } from "../src/execution/KillSwitch.ts"
import { aaplId } from "../src/market/replay/EmbeddedReplay.ts"
import { SteppedClock } from "../src/market/SteppedClock.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"
import { collected, descriptors, listeners } from "./Usage.ts"

const { counts, folder: base, json, seed } = soakFlags([["cycles", { short: 200, full: 10_000 }]])
const CYCLES = counts.get("cycles") ?? 0
/** The first cycles compile, load and fill caches; what they leave is no leak. */
const WARM_UP = Math.max(20, Math.floor(CYCLES / 10))
/** How much the heap may be at the end of what it was after the warm-up. */
const HEAP_BOUND = 1.2

const random = generator(seed)
const failures: Array<string> = []
const again = `npm run soak -- cycles --cycles=${CYCLES} --seed=${seed}`
const person = { kind: "person", name: "soak" } as const

// A warning of too many listeners is a leak that Node has seen itself.
process.on("warning", ({ message, name }) => failures.push(`${name}: ${message}: ${again}`))

interface Held {
  readonly descriptors: number
  readonly listeners: number
  /** Timers, sockets, workers: whatever keeps the process alive. */
  readonly handles: number
  readonly files: number
  readonly heapMb: number
}

const held = async (folder: string): Promise<Held> => {
  // What was closed a moment ago is gone after a turn of the loop.
  await new Promise((resolve) => setImmediate(resolve))
  return {
    descriptors: descriptors(),
    listeners: listeners(),
    handles: process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length,
    // The audit log begins a file each day.
    files: readdirSync(folder, { recursive: true }).filter((name) => !String(name).endsWith(".ndjson"))
      .length,
    heapMb: collected().heapMb
  }
}

const resting = Effect.fnUntraced(function* (name: string) {
  const broker = yield* Broker
  const quote = yield* broker.quote(aaplId)
  const limitPrice = price(Math.floor((quote.last * 0.8) / 10_000) * 10_000)
  const request = requestFor(quote, { name, side: "BUY", quantity: 1, limitPrice })
  yield* broker.submit(request, { actor })
})

/** A second of market time for each cycle: quotes come anew, and the crank has something to do. */
const secondsIn = (cycle: number) => timestamp(inSession + cycle * 1_000_000)

/** What a command does: opens the desk, acts, closes it. */
const command = (folder: string, cycle: number) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const view = yield* DeskView
    const name = `c-${seed}-${cycle}`
    yield* resting(name)
    yield* view.status
    if (random() < 0.1) {
      const killSwitch = yield* KillSwitch
      yield* killSwitch.halt("a soak's halt", actor)
      yield* killSwitch.resume("a soak's halt is over", person)
    } else yield* broker.cancel(clientOrderId(name), { actor })
    return (yield* view.status).working.length
  }).pipe(Effect.provide(benchDesk({ folder, start: secondsIn(cycle) })), Effect.scoped)

const shortLived = async (folder: string, progress: ReturnType<typeof makeProgress>) => {
  await Effect.runPromise(
    Effect.flatMap(Account, (account) =>
      account.open({ accountId: accountId("soak"), cash: dollars(1_000_000), actor })
    ).pipe(Effect.provide(benchDesk({ folder })), Effect.scoped)
  )
  let early: Held | undefined
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const working = await Effect.runPromise(command(folder, cycle))
    if (working !== 0) failures.push(`${working} orders were left working after cycle ${cycle}: ${again}`)
    if (cycle === WARM_UP) early = await held(folder)
    progress(cycle, CYCLES)
  }
  return { early, late: await held(folder) }
}

const longLived = (folder: string, progress: ReturnType<typeof makeProgress>) =>
  Effect.gen(function* () {
    const account = yield* Account
    const broker = yield* Broker
    const clock = yield* SteppedClock
    const view = yield* DeskView
    yield* account.open({ accountId: accountId("soak"), cash: dollars(1_000_000), actor })
    let early: Held | undefined
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      const name = `l-${seed}-${cycle}`
      yield* clock.set(secondsIn(cycle))
      yield* resting(name)
      yield* broker.cancel(clientOrderId(name), { actor })
      yield* view.status
      if (cycle === WARM_UP) early = yield* Effect.promise(() => held(folder))
      progress(cycle, CYCLES)
    }
    return { early, late: yield* Effect.promise(() => held(folder)) }
  }).pipe(Effect.provide(benchDesk({ folder })), Effect.scoped, Effect.runPromise)

/** Figures of a kind of life, and what grew in it. */
const compare = (
  what: string,
  { early, late }: { readonly early: Held | undefined; readonly late: Held }
) => {
  if (early === undefined) throw new Error("fewer cycles than the warm-up takes")
  for (const name of ["descriptors", "listeners", "handles", "files"] as const) {
    if (late[name] > early[name])
      failures.push(`${what}: ${early[name]} ${name} after the warm-up, ${late[name]} at the end: ${again}`)
  }
  const ratio = late.heapMb / early.heapMb
  if (!(ratio <= HEAP_BOUND))
    failures.push(`${what}: heap ${early.heapMb.toFixed(1)} MB, then ${late.heapMb.toFixed(1)} MB: ${again}`)
  return {
    [`${what}_descriptors`]: late.descriptors,
    [`${what}_listeners`]: late.listeners,
    [`${what}_handles`]: late.handles,
    [`${what}_files`]: late.files,
    [`${what}_heap_mb`]: Number(late.heapMb.toFixed(1)),
    [`${what}_heap_ratio`]: Number(ratio.toFixed(2))
  }
}

const commands = mkdtempSync(join(base, "plimsoll-soak-"))
const desk = mkdtempSync(join(base, "plimsoll-soak-"))
try {
  const short = await shortLived(commands, makeProgress("cycles of a command"))
  const long = await longLived(desk, makeProgress("cycles of one desk"))
  const figures = { ...compare("commands", short), ...compare("one_desk", long) }
  report({ name: "cycles", seed, done: { desks: CYCLES, orders: CYCLES }, failures, figures }, json)
} finally {
  for (const folder of [commands, desk]) await removeDesk(folder)
}
