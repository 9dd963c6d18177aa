/**
 * How long the hook risk-validator takes from the start of its process to its end, against `node -e 0` of the same
 * Node, in turn: an order it allows and one it denies, on a desk whose book is at its checkpoint and on one that has 250
 * journal lines more to fold. The desk is held open meanwhile, as a server holds it.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import type { Actor } from "../src/domain/Actor.ts"
import { shares } from "../src/domain/Money.ts"
import type { OrderRequest } from "../src/domain/Order.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import { DeskView } from "../src/execution/DeskView.ts"
import { aaplId } from "../src/market/replay/EmbeddedReplay.ts"
import { deskFolderAt, type DeskFolder } from "../src/programs/DeskFolder.ts"
import { openDesk } from "../src/programs/DeskProgram.ts"
import { initDesk } from "../src/programs/InitDesk.ts"

const ROUNDS = 40
const LINES = 250
const hook = join(import.meta.dirname, "../dist/hooks/risk-validator.cjs")
if (!existsSync(hook)) throw new Error(`${hook} is missing: npm run build`)

const project = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
const actor: Actor = { kind: "person", name: "bench" }

const time = (args: ReadonlyArray<string>, expected: number, input = ""): number => {
  const begun = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, {
    input,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], CLAUDE_PROJECT_DIR: project }
  })
  const millis = Number(process.hrtime.bigint() - begun) / 1e6
  if (status !== expected) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`)
  return millis
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const eventOf = (quoteId: string, quantity: number): string =>
  JSON.stringify({
    session_id: "bench",
    transcript_path: "/tmp/bench.jsonl",
    cwd: project,
    hook_event_name: "PreToolUse",
    tool_name: "mcp__broker__place_order",
    tool_use_id: "toolu_bench",
    tool_input: {
      symbol: "AAPL",
      side: "BUY",
      quantity: String(quantity),
      repeat: true,
      quote_id: quoteId,
      rationale: "a benchmark"
    }
  })

/** Lines of the journal that the checkpoint has not. */
const linesToFold = ({ database }: DeskFolder): number => {
  const db = new DatabaseSync(database, { readOnly: true })
  const row = db
    .prepare(
      "SELECT (SELECT max(sequence) FROM journal) - coalesce((SELECT max(sequence) FROM checkpoint), 0) AS n"
    )
    .get()
  db.close()
  return Number(row?.["n"])
}

/** Orders, until there are so many lines. */
const writeLines = Effect.gen(function* () {
  const broker = yield* Broker
  const { quoteId } = yield* broker.quote(aaplId)
  while (linesToFold(folder) < LINES) {
    const request: OrderRequest = {
      instrumentId: aaplId,
      side: "BUY",
      type: { _tag: "Market" },
      size: { _tag: "Quantity", quantity: shares(1) },
      timeInForce: "DAY",
      quoteId,
      repeat: true
    }
    yield* broker.submit(request, { actor })
  }
})

/** A person accepts what the project's file asks for. */
const acceptLimits = Effect.gen(function* () {
  const { candidateHash } = yield* DeskView.use((view) => view.limits)
  yield* Account.use((account) => account.acceptLimits({ candidateHash, actor }))
})

const folder = deskFolderAt(project, undefined)
const flags = ["--disable-warning=ExperimentalWarning", hook]
const results: Array<{
  readonly case: string
  readonly value: number
  readonly baseline: number
  readonly ratio: number
}> = []

const measure = (name: string, quoteId: string): void => {
  const cases = {
    baseline: () => time(["-e", "0"], 0),
    allow: () => time(flags, 0, eventOf(quoteId, 1)),
    deny: () => time(flags, 2, eventOf(quoteId, 1000))
  } as const
  const times: Record<keyof typeof cases, Array<number>> = { baseline: [], allow: [], deny: [] }
  for (let round = -3; round < ROUNDS; round++) {
    for (const one of ["baseline", "allow", "deny"] as const) {
      const millis = cases[one]()
      if (round >= 0) times[one].push(millis)
    }
  }
  const baseline = median(times.baseline)
  for (const one of ["allow", "deny"] as const) {
    const value = median(times[one])
    results.push({
      case: `${one}, ${name}`,
      value: Number(value.toFixed(1)),
      baseline: Number(baseline.toFixed(1)),
      ratio: Number((value / baseline).toFixed(2))
    })
  }
}

writeFileSync(join(project, "plimsoll.json"), JSON.stringify({ limits: { ordersPerMinute: null } }))
await Effect.runPromise(
  initDesk({ folder, cash: undefined, actor, holder: "bench" }).pipe(Effect.provide(NodeServices.layer))
)
await Effect.runPromise(
  Effect.gen(function* () {
    yield* acceptLimits
    const { quoteId } = yield* Broker.use((broker) => broker.quote(aaplId))
    yield* Effect.sync(() => measure(`${linesToFold(folder)} lines to fold`, quoteId))
    yield* writeLines
    yield* Effect.sync(() => measure(`${linesToFold(folder)} lines to fold`, quoteId))
  }).pipe(Effect.provide(Layer.provideMerge(openDesk(folder, "bench"), NodeServices.layer)))
)
rmSync(project, { recursive: true })

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ name: "hooks", unit: "ms", results })}\n`)
} else {
  for (const { baseline, case: name, ratio, value } of results) {
    process.stdout.write(
      `risk-validator: ${name.padEnd(28)}${value} ms, node -e 0 ${baseline} ms, ratio ${ratio}\n`
    )
  }
}
