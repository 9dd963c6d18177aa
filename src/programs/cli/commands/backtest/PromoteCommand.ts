/** `plimsoll backtest promote`: what a promotion would rest on, and what of it is missing. */
import { Effect, Layer, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { BacktestStore } from "../../../../backtest/BacktestStore.ts"
import { EvidenceStore } from "../../../../backtest/robustness/Evidence.ts"
import {
  type Promotion,
  type CodeNow,
  promotionOf,
  type Step
} from "../../../../backtest/robustness/promotion/Promotion.ts"
import { fromMillis, toIso } from "../../../../domain/Timestamp.ts"
import { findAlgorithm } from "../../../backtest/Algorithms.ts"
import { backtestStore } from "../../../backtest/BacktestServices.ts"
import { evidenceStore } from "../../../backtest/robustness/EvidenceFolder.ts"
import { paperRuns } from "../../../backtest/robustness/PaperRuns.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { badUsage, exitCodes, Told } from "../../Failures.ts"
import type { Style } from "../../Format.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { printable } from "../../Terminal.ts"
import { version } from "../../../Version.ts"
import { finishedOf } from "./Telling.ts"

const flags = {
  id: Argument.String("id").pipe(
    Argument.withDescription('the backtest\'s id, the beginning of one that no other has, or "latest"')
  ),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write a page with the chain, and with the commands that are left"
  ),
  json: jsonFlag
}

const NOTHING_PROMOTED =
  "This collects what a promotion would rest on and promotes nothing: there is no live trading yet."

const foundAt = ({ foundAt: at }: Step): string | null => (at === undefined ? null : toIso(fromMillis(at)))

const stepLines = (step: Step, look: Style): ReadonlyArray<string> => {
  const [first = "", ...others] = step.says
  const at = foundAt(step)
  const head = `${step.state === "found" ? "[x]" : "[ ]"} ${step.name.padEnd(13)}${step.state.padEnd(9)}${printable(first)}${at === null ? "" : ` (${at.slice(0, 10)})`}`
  return [
    step.state === "found" ? head : look.yellow(head),
    ...others.map((line) => `${" ".repeat(26)}${printable(line)}`),
    ...(step.command === undefined ? [] : [`${" ".repeat(26)}${invocation()} ${printable(step.command)}`])
  ]
}

const verdictOf = ({ complete, steps }: Promotion): string =>
  complete
    ? "complete"
    : `not complete: ${steps
        .filter(({ state }) => state !== "found")
        .map(({ name, state }) => `${name} ${state}`)
        .join(", ")}`

const promote = Effect.fn("backtest promote")(function* ({
  html,
  id,
  json
}: Command.Command.Config.Infer<typeof flags>) {
  const { folder } = surroundings()
  if (Option.isSome(html)) yield* checkTarget(html.value, folder)
  const backtests = yield* BacktestStore
  const store = yield* EvidenceStore
  const backtest = yield* finishedOf(yield* backtests.get(id))
  const { algorithm, engine } = backtest.inputs
  if (engine.name === "lean") {
    return yield* badUsage(
      `${backtest.id} is a result of LEAN: none of the desk's rules was in force, and nothing of it can be promoted; test the strategy with this program's own engine`
    )
  }
  const codeNow = yield* findAlgorithm(algorithm.name, folder.project).pipe(
    Effect.map((found): CodeNow =>
      found._tag === "Strategy" ? { _tag: "Loaded", hash: found.codeHash } : { _tag: "Gone" }
    ),
    Effect.catchTags({
      UnknownAlgorithm: () => Effect.succeed<CodeNow>({ _tag: "Gone" }),
      AlgorithmInvalid: ({ message: problem }) => Effect.succeed<CodeNow>({ _tag: "Invalid", problem })
    })
  )
  const promotion = promotionOf({
    backtest,
    codeNow,
    evidence: yield* store.of(algorithm.name),
    paper: yield* paperRuns(backtest, folder)
  })
  if (Option.isSome(html)) {
    // Drawing is only loaded when there is something to draw.
    const { promotionHtml } = yield* Effect.promise(
      () => import("../../../../backtest/report/robustness/PromotionHtml.ts")
    )
    const page = promotionHtml({
      id: backtest.id,
      inputs: backtest.inputs,
      promotion,
      program: invocation(),
      command: `${invocation()} backtest promote ${backtest.id}`,
      generatedBy: `plimsoll ${version}`
    })
    yield* writeWhole(html.value, page, folder)
  }
  yield* answer(
    json,
    {
      backtest_id: backtest.id,
      verdict: promotion.complete ? "complete" : "incomplete",
      promotes_nothing: NOTHING_PROMOTED,
      steps: promotion.steps.map((step) => ({
        name: step.name,
        state: step.state,
        says: step.says,
        found_at: foundAt(step),
        command: step.command === undefined ? null : `plimsoll ${step.command}`
      }))
    },
    [
      `Promotion of ${backtest.id}`,
      "",
      ...promotion.steps.flatMap((step) => stepLines(step, style())),
      "",
      `Evidence      ${verdictOf(promotion)}`,
      NOTHING_PROMOTED
    ]
  )
  if (!promotion.complete) return yield* new Told({ exitCode: exitCodes.failed })
})

export const promoteCommand = Command.make("promote", flags, (asked) =>
  Effect.suspend(() => {
    const { folder } = surroundings()
    return Effect.provide(promote(asked), Layer.merge(backtestStore(folder), evidenceStore(folder)))
  })
).pipe(
  documented(
    "What a promotion would rest on: code, backtest, walk-forward, overfitting, look-ahead, paper sessions; and what of it is missing. Exit code 0 when it is complete, 1 when not. It promotes nothing.",
    ["backtest promote latest", "the chain of the last backtest, with the commands that are left"],
    ["backtest promote sma-cross-3f9 --html promotion.html", "the same as a page"],
    ["backtest promote sma-cross-3f9 --json", "for scripts"]
  )
)
