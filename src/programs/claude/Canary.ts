/**
 * The canary: an order that must be denied, shown to both layers that stand before the venue.
 *
 * The hook risk-validator is run as it is configured, command and matcher, on the event the client would send; the
 * broker is asked for a preview of the same order as if it had its permit. Both must deny it and name the rule it
 * was made for. Nothing is ordered and nothing is journaled. When a layer does not hold, trading is halted, because
 * nobody knows then what would stop a real mistake.
 */
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { Effect, Option, Result } from "effect"
import type { Actor } from "../../domain/Actor.ts"
import { type ClientOrderId, quoteId, type QuoteId } from "../../domain/Identifiers.ts"
import { formatMicros, MAX_QUANTITY_MICROS, quantity } from "../../domain/Money.ts"
import type { OrderRequest } from "../../domain/Order.ts"
import type { RuleName } from "../../domain/Verdict.ts"
import { Broker, type Preview } from "../../execution/Broker.ts"
import { DeskView } from "../../execution/DeskView.ts"
import { KillSwitch } from "../../execution/KillSwitch.ts"
import { OrderJournal } from "../../execution/OrderJournal.ts"
import type { SourceListing } from "../../market/BarSeries.ts"
import { MarketData } from "../../market/MarketData.ts"
import { printable } from "../cli/Terminal.ts"
import type { ClaudeProject } from "./ClaudeProject.ts"
import { guardOf, handlerWords } from "./EffectiveSettings.ts"
import { type HookRun, runHookProcess } from "./HookProcess.ts"
import { toolName } from "./McpConfig.ts"
import type { HookHandler } from "./SettingsFile.ts"

export const GUARD = "risk-validator"

/** The broker's name in tools, where no `.mcp.json` gives it another. */
const BROKER = "broker"

/** The hook is waited for at most; its own deadline is 2 s. */
const LONGEST_MILLIS = 5_000

export const canaryActor: Actor = { kind: "desk", name: "canary" }

export type CanaryResult =
  /** Both layers deny, and say by which rule. */
  | { readonly _tag: "Denied"; readonly rule: RuleName; readonly hookMillis: number }
  | { readonly _tag: "Failed"; readonly problem: string }
  /** There is nothing to try it with. */
  | { readonly _tag: "NotRun"; readonly why: string }

/** What became of trading after a canary that failed. */
export type Consequence =
  | { readonly _tag: "Halted" }
  | { readonly _tag: "HaltedBefore" }
  | { readonly _tag: "NotHalted"; readonly why: string }

/** An order, and the rule it must be denied by. */
interface Absurd {
  readonly listing: SourceListing
  readonly quote: QuoteId
  readonly rule: RuleName
}

/** Instruments that are asked for a quote. */
const MAX_ASKED = 25

/** Like any other: a guard must not be able to tell this order from a real one. */
const RATIONALE = "the trend is up on rising volume"
const SIZE = quantity(MAX_QUANTITY_MICROS)

/** More than any desk may buy, on a quote the desk gave; on a made-up one where the market has none now. */
const absurdOrder = Effect.gen(function* () {
  const { listings } = yield* MarketData
  const broker = yield* Broker
  const [first] = listings
  if (first === undefined) return undefined
  for (const listing of listings.slice(0, MAX_ASKED)) {
    const quote = yield* broker.quote(listing.instrument.id).pipe(
      Effect.map(Option.some),
      Effect.catchTag("QuoteUnavailable", () => Effect.succeedNone)
    )
    if (Option.isSome(quote)) {
      const absurd: Absurd = { listing, quote: quote.value.quoteId, rule: "order-size" }
      return absurd
    }
  }
  const absurd: Absurd = { listing: first, quote: quoteId("q-0000000000000000"), rule: "quote-freshness" }
  return absurd
})

const requestOf = ({ listing, quote }: Absurd): OrderRequest => ({
  instrumentId: listing.instrument.id,
  side: "BUY",
  type: { _tag: "Market" },
  size: { _tag: "Quantity", quantity: SIZE },
  timeInForce: "DAY",
  quoteId: quote,
  rationale: RATIONALE
})

/** What the client would send to the hook for it, with names as the client makes them. */
const eventOf = ({ listing, quote }: Absurd, tool: string, project: string, session: string) => ({
  session_id: session,
  transcript_path: join(project, `${session}.jsonl`),
  cwd: project,
  permission_mode: "default",
  hook_event_name: "PreToolUse",
  tool_name: tool,
  tool_input: {
    symbol: listing.instrument.symbol,
    side: "BUY",
    quantity: formatMicros(SIZE),
    quote_id: quote,
    rationale: RATIONALE
  },
  tool_use_id: `toolu_01${randomUUID().replaceAll("-", "").slice(0, 22)}`
})

const MAX_TOLD = 240
const told = (text: string): string => {
  const line = printable(text.trim().replaceAll(/\s+/gu, " "))
  return line.length > MAX_TOLD ? `${line.slice(0, MAX_TOLD)}…` : line
}

/** Whether `rule` is named, and not merely contained in another word. */
export const namesRule = (text: string, rule: RuleName): boolean =>
  new RegExp(String.raw`(?<![\w-])${rule}(?![\w-])`, "u").test(text)

/** Why this end of the hook is no denial by one of `rules`; undefined when it is one. */
export const whyNoDenial = (
  { code, err, out, problem }: HookRun,
  rules: ReadonlyArray<RuleName>
): string | undefined => {
  if (problem !== undefined) return problem
  if (code !== 2) {
    return `it ended with exit code ${code ?? "none"}, and only 2 stops a call${err === "" ? "" : `: ${told(err)}`}`
  }
  if (out.trim() !== "") return `it wrote to standard output beside its denial: ${told(out)}`
  return rules.some((rule) => namesRule(err, rule))
    ? undefined
    : `it denied, and did not name the rule ${rules.join(" or ")}: ${err.trim() === "" ? "it gave no reason" : told(err)}`
}

/** Why the broker does not hold; undefined when it denies by `rule`, whichever rule comes first. */
export const whyBrokerDoesNot = ({ verdicts }: Preview, rule: RuleName): string | undefined => {
  const found = verdicts.find((verdict) => verdict.rule === rule)
  if (found?.outcome === "deny") return undefined
  return found === undefined
    ? `the broker has no rule ${rule}`
    : `the broker lets an absurd order pass its rule ${rule}: ${told(found.message)}`
}

interface Tried {
  readonly run: HookRun
  readonly preview: Result.Result<Preview, string>
}

const tryOnce = Effect.fnUntraced(function* (absurd: Absurd, run: Effect.Effect<HookRun>) {
  const broker = yield* Broker
  const ran = yield* run
  const preview = yield* broker.preview(requestOf(absurd), { actor: canaryActor }).pipe(
    Effect.map((seen): Result.Result<Preview, string> => Result.succeed(seen)),
    Effect.catch(({ message }) => Effect.succeed(Result.fail(message)))
  )
  const tried: Tried = { run: ran, preview }
  return tried
})

/** The rule both name, or what does not hold. */
const judged = (
  { preview, run }: Tried,
  rule: RuleName,
  handler: HookHandler
): Result.Result<RuleName, string> => {
  if (Result.isFailure(preview))
    return Result.fail(`the broker could not say what it would do (${told(preview.failure)})`)
  const denied = preview.success.denied?.rule ?? rule
  const hookProblem = whyNoDenial(run, [...new Set([rule, denied])])
  if (hookProblem !== undefined)
    return Result.fail(`the hook ${GUARD} (${told(handlerWords(handler))}) does not hold: ${hookProblem}`)
  const brokerProblem = whyBrokerDoesNot(preview.success, rule)
  return brokerProblem === undefined ? Result.succeed(rule) : Result.fail(brokerProblem)
}

export interface CanaryOptions {
  readonly claude: ClaudeProject
  /** Of this process: the hook gets it, and what the settings add. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The client's name of the tool that places orders. */
const orderTool = ({ mcp }: ClaudeProject): string =>
  toolName(mcp.entries.find(({ server }) => server === "broker")?.key ?? BROKER, "place_order")

const failed = (problem: string): CanaryResult => ({ _tag: "Failed", problem })

/** Whether anything about the order stands in the journal. */
const journaled = (id: ClientOrderId) =>
  OrderJournal.use((journal) => Effect.map(journal.history(id), ({ length }) => length > 0))

/** Shows the order to both layers. Changes nothing, whatever comes out. */
export const tryCanary = Effect.fn("Canary.try")(function* ({ claude, environment }: CanaryOptions) {
  const absurd = yield* absurdOrder
  if (absurd === undefined) {
    const notRun: CanaryResult = { _tag: "NotRun", why: "the desk's market has no instrument" }
    return notRun
  }
  const tool = orderTool(claude)
  const guard = guardOf(claude.settings, GUARD, tool)
  if (guard._tag === "NoGuard") return failed(guard.why)
  const run = runHookProcess(guard.handler, eventOf(absurd, tool, claude.project, randomUUID()), {
    project: claude.project,
    environment: { ...environment, ...claude.settings.environment },
    longestMillis: LONGEST_MILLIS
  })
  const { rule } = absurd
  let tried = yield* tryOnce(absurd, run)
  // A hook that denies without its reason stopped the order too: a busy machine may have kept it past its deadline.
  if (tried.run.code === 2 && Result.isFailure(judged(tried, rule, guard.handler)))
    tried = yield* tryOnce(absurd, run)
  const verdict = judged(tried, rule, guard.handler)
  if (Result.isFailure(verdict)) return failed(verdict.failure)
  if (Result.isSuccess(tried.preview) && (yield* journaled(tried.preview.success.clientOrderId)))
    return failed("an order that was only shown stands in the journal")
  const denied: CanaryResult = { _tag: "Denied", rule, hookMillis: tried.run.millis }
  return denied
})

const haltFor = Effect.fnUntraced(function* (problem: string) {
  const killSwitch = yield* KillSwitch
  const view = yield* DeskView
  const isHalted = yield* view.status.pipe(
    Effect.map(({ causes }) => causes.killSwitch),
    Effect.orElseSucceed(() => false)
  )
  if (isHalted) return { _tag: "HaltedBefore" } as const
  return yield* killSwitch.halt(`canary: ${problem}`.slice(0, 500), canaryActor).pipe(
    Effect.map(({ changed }): Consequence => ({ _tag: changed ? "Halted" : "HaltedBefore" })),
    Effect.catchTag("OrdersStillWorking", () => Effect.succeed<Consequence>({ _tag: "Halted" })),
    Effect.catch(({ message }) => Effect.succeed<Consequence>({ _tag: "NotHalted", why: message }))
  )
})

export interface CanaryRun {
  readonly result: CanaryResult
  /** Of a canary that failed. */
  readonly consequence: Consequence | undefined
}

/** Shows the order to both layers, and halts trading when one of them does not hold. */
export const runCanary = Effect.fn("Canary.run")(function* (options: CanaryOptions) {
  const result = yield* tryCanary(options).pipe(
    Effect.catch(({ message }) => Effect.succeed(failed(`it could not be finished (${message})`)))
  )
  const run: CanaryRun = {
    result,
    consequence: result._tag === "Failed" ? yield* haltFor(result.problem) : undefined
  }
  return run
})
