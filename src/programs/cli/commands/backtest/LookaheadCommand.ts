/** `plimsoll backtest lookahead`: does a decision know the future? */
import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { EvidenceStore } from "../../../../backtest/robustness/Evidence.ts"
import { prepareBacktest } from "../../../backtest/PrepareBacktest.ts"
import { evidenceStore } from "../../../backtest/robustness/EvidenceFolder.ts"
import { lookAheadEvidence } from "../../../backtest/robustness/LookAheadEvidence.ts"
import { keptLookAhead } from "../../../backtest/robustness/LookAheadFile.ts"
import { lookAheadJson } from "../../../backtest/robustness/LookAheadJson.ts"
import {
  leaked,
  type LookAhead,
  lookAhead,
  lookAheadCommand,
  USUAL_CUTS
} from "../../../backtest/robustness/LookAheadRun.ts"
import { keptWhile } from "../../../backtest/robustness/Unfinished.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { exitCodes, Told } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { sweepBar } from "./BacktestBar.ts"
import { algorithmArgument, askedOf, backtestFlags } from "./BacktestFlags.ts"
import { keptOnTerminal } from "./Interrupted.ts"
import { lookaheadLines } from "./LookaheadText.ts"

/** More cuts than this on the event engine would be as many as there are bars. */
const MOST_CUTS = 2000

const flags = {
  algorithm: algorithmArgument,
  ...backtestFlags,
  cuts: Flag.Int("cuts").pipe(
    Flag.withDescription(
      `points after which the future is changed, 1 to ${MOST_CUTS}; ${USUAL_CUTS} when left out, ten times as many for a signal rule`
    ),
    Flag.filter(
      (value) => value >= 1 && value <= MOST_CUTS,
      (value) => `expected a number of cuts from 1 to ${MOST_CUTS}, not ${value}`
    ),
    Flag.withDefault(USUAL_CUTS)
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with this very check where it was interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write a page with the cuts and the findings over the prices"
  ),
  json: jsonFlag
}
type LookaheadFlags = Command.Command.Config.Infer<typeof flags>

const tell = Effect.fnUntraced(function* (found: LookAhead, { html, json }: LookaheadFlags) {
  const { folder } = surroundings()
  if (Option.isSome(html)) {
    // Drawing is only loaded when there is something to draw.
    const { lookAheadPage } = yield* Effect.promise(
      () => import("../../../backtest/robustness/LookAheadPage.ts")
    )
    const page = lookAheadPage(found, `${invocation()} ${lookAheadCommand(found)}`)
    yield* writeWhole(html.value, page, folder)
  }
  yield* answer(json, json ? lookAheadJson(found) : undefined, json ? [] : lookaheadLines(found, style()))
})

const lookahead = Effect.fn("backtest lookahead")(function* (asked: LookaheadFlags) {
  const { cwd, folder } = surroundings()
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const backtest = yield* askedOf(asked.algorithm, asked)
  const prepared = yield* prepareBacktest(backtest, { project: folder.project, folder: cwd })
  for (const line of prepared.notes) err(printable(line))
  const bar = sweepBar("cuts")
  const options = { cuts: asked.cuts, seed: prepared.file.inputs.seed }
  const command = lookAheadCommand({ options, prepared })
  const found = yield* keptWhile(
    keptLookAhead(prepared, options),
    keptOnTerminal({ resume: asked.resume, command, left: "the cuts that are left", bar }),
    (unfinished) =>
      lookAhead(prepared, options, {
        unfinished,
        onProgress: ({ done, of }, elapsedMillis) => bar.update({ done, points: of }, elapsedMillis),
        onPartial: (partial) =>
          Effect.sync(bar.stop).pipe(
            Effect.andThen(tell(partial, asked)),
            Effect.catch(({ message }) => Effect.sync(() => err(printable(message))))
          )
      })
  ).pipe(Effect.ensuring(Effect.sync(bar.stop)))
  const store = yield* EvidenceStore
  yield* store.put(lookAheadEvidence(found, yield* Clock.currentTimeMillis))
  yield* tell(found, asked)
  if (leaked(found) > 0) return yield* new Told({ exitCode: exitCodes.failed })
})

export const lookaheadCommand = Command.make("lookahead", flags, (asked) =>
  Effect.suspend(() => Effect.provide(lookahead(asked), evidenceStore(surroundings().folder)))
).pipe(
  documented(
    "Does a decision know the future? The strategy is played again and again with everything after a cut changed: whatever it did before the cut has to stay the same. Tells also whether a longer warm-up changes what it wants. Exit code 1 where a leak was found. Ctrl-C tells what was found so far, and --resume goes on from there.",
    ["backtest lookahead sma-cross", "forty cuts, and the signal rule of the sweeps beside the engine"],
    ["backtest lookahead my-strategy --from 2015-01-02 --cuts 200", "a closer look at some years"],
    ["backtest lookahead my-strategy --html lookahead.html", "cuts and findings over the prices"],
    ["backtest lookahead my-strategy --json", "for scripts"]
  )
)
