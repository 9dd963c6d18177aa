/**
 * What a promotion would rest on, as a chain: the backtest, its walk-forward,
 * the overfitting guard, the look-ahead detector, paper sessions; all of the
 * same code. It collects and judges nothing beyond that, and promotes nothing.
 */
import { formatMicros } from "../../../domain/Money.ts"
import type { SessionDate } from "../../../domain/Timestamp.ts"
import { nextSession } from "../../../market/TradingCalendar.ts"
import { formatResumePolicy } from "../../../risk/ResumePolicy.ts"
import { type CommandPart, partsOf, quoted } from "../../../session/ShellWord.ts"
import type { BacktestInputs } from "../../BacktestInputs.ts"
import type { FinishedBacktest } from "../../BacktestResult.ts"
import { contaminationOf, contaminationWords } from "../Contaminated.ts"
import { type Evidence, type Finding, otherConditions, otherParameter, subjectOf } from "../Evidence.ts"

/** Paper sessions after the backtest's end that a promotion needs, and fills in them. */
export const LEAST_PAPER_SESSIONS = 20
export const LEAST_PAPER_FILLS = 1
/** Of a look-ahead check. */
export const LEAST_CUTS = 40

export type StepName = "code" | "backtest" | "walk-forward" | "overfitting" | "look-ahead" | "paper"

/** "stale": it is there, of other code, other parameters or other data. */
export type StepState = "found" | "missing" | "failed" | "stale"

export interface Step {
  readonly name: StepName
  readonly state: StepState
  /** In words, with its numbers. */
  readonly says: ReadonlyArray<string>
  /** Milliseconds since 1970; undefined where there is nothing. */
  readonly foundAt: number | undefined
  /** What would provide it, without the program's name; undefined where it is found. */
  readonly command: string | undefined
}

/** A finished run's book of the strategy. Sessions and fills after the backtest's last session. */
export interface PaperRun {
  readonly run: string
  /** In words, what it has other than the backtest: code, parameters, symbols, limits, cash, prices. It counts where there is nothing. */
  readonly differs: ReadonlyArray<string>
  readonly sessions: ReadonlyArray<SessionDate>
  readonly fills: number
}

/** The strategy of the backtest's name, as it is now: its code's hash, nothing, or why it cannot be loaded. */
export type CodeNow =
  | { readonly _tag: "Loaded"; readonly hash: string }
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Invalid"; readonly problem: string }

export interface PromotionAsked {
  readonly backtest: FinishedBacktest
  readonly codeNow: CodeNow
  readonly evidence: ReadonlyArray<Evidence>
  readonly paper: ReadonlyArray<PaperRun>
}

export interface Promotion {
  readonly steps: ReadonlyArray<Step>
  readonly complete: boolean
}

const step = (
  name: StepName,
  state: StepState,
  says: ReadonlyArray<string>,
  more: { readonly foundAt?: number; readonly command?: string } = {}
): Step => ({
  name,
  state,
  says,
  foundAt: more.foundAt,
  command: state === "found" ? undefined : more.command
})

const codeStep = ({ backtest: { command, inputs }, codeNow }: PromotionAsked): Step => {
  const { codeHash, name } = inputs.algorithm
  if (codeNow._tag === "Invalid") return step("code", "stale", [codeNow.problem])
  if (codeNow._tag === "Gone") {
    return step("code", "missing", [`there is no strategy ${name} any more: put its file back`])
  }
  return codeNow.hash === codeHash
    ? step("code", "found", [`the code of ${name} is what was tested: ${codeHash}`])
    : step(
        "code",
        "stale",
        [`the code of ${name} has changed since: it was ${codeHash}, and is ${codeNow.hash}`],
        {
          command
        }
      )
}

/** A command with each of its parts as `change` has it; undefined leaves it out. */
const changed = (command: string, change: (part: CommandPart) => string | undefined): string =>
  partsOf(command)
    .flatMap((part) => change(part) ?? [])
    .join(" ")

const costsNone = ({ fee, quotes, slippage }: BacktestInputs["models"]): boolean =>
  fee._tag === "Zero" && slippage._tag === "None" && quotes === "last"

const backtestStep = ({ backtest }: PromotionAsked): Step => {
  const { command, inputs, outcome, ranAt } = backtest
  const found = contaminationOf(inputs, outcome.content.dates)
  const contamination = contaminationWords(found)
  const problems = [
    ...(inputs.profile.promotable ? [] : [`made under ${inputs.profile.label}: not promotable`]),
    ...(costsNone(inputs.models) ? ["neither fees nor a spread nor slippage were counted"] : []),
    ...(contamination === undefined ? [] : [contamination]),
    ...(outcome.content.fills.length === 0 ? ["it has no fill: it says nothing of the strategy"] : [])
  ]
  const from = found._tag === "Partly" ? found.firstClean : inputs.data.from
  const again = changed(command, ({ name, text, value }) => {
    // Without a name the limits are those of a desk that fit the symbols.
    if (name === "--limits" && !inputs.profile.promotable) return undefined
    if (name === "--costs" && value === "none") return "--costs paper"
    return name === "--from" ? `--from ${from}` : text
  })
  return problems.length > 0
    ? step("backtest", "failed", problems, { foundAt: ranAt, command: again })
    : step("backtest", "found", [`finished, result hash ${outcome.hash}`], { foundAt: ranAt })
}

type FindingTag = Finding["_tag"]
type Of<T extends FindingTag> = Extract<Finding, { readonly _tag: T }>

/** Of a walk-forward the backtest has to be a point of its grid, of all else it has to be what was looked at. */
const otherParameters = (
  { finding, subject }: Evidence,
  { algorithm: { parameters } }: BacktestInputs
): ReadonlyArray<string> => {
  const axes = finding._tag === "WalkForward" ? finding.axes : {}
  return Object.entries(parameters).flatMap(([name, value]) => {
    const axis = Object.hasOwn(axes, name) ? axes[name] : undefined
    if (axis !== undefined) {
      return axis.includes(value) ? [] : [`its grid has no ${name}=${String(value)}`]
    }
    const theirs = Object.hasOwn(subject.parameters, name) ? subject.parameters[name] : undefined
    return otherParameter(name, theirs, value)
  })
}

/** Why evidence of the same strategy does not hold for this backtest. */
const mismatches = (one: Evidence, inputs: BacktestInputs): ReadonlyArray<string> => {
  const { costs, dataset, engine, from, pricesHash, seed, to } = one.subject
  const own = subjectOf(inputs)
  const isSameData = dataset === own.dataset
  const isSameTime = from === own.from && to === own.to
  return [
    ...otherConditions(one.subject, own),
    ...otherParameters(one, inputs),
    ...(isSameData ? [] : [`other data: ${dataset}`]),
    ...(isSameTime ? [] : [`other sessions: ${from} to ${to}`]),
    ...(isSameData && isSameTime && pricesHash !== own.pricesHash
      ? ["other prices: those of the data have changed"]
      : []),
    ...(costs === own.costs ? [] : [`other costs: ${costs}`]),
    ...(seed === own.seed ? [] : [`another seed: ${seed}`]),
    ...(engine === own.engine ? [] : [`another version of plimsoll: ${engine}`])
  ]
}

interface Judged {
  readonly failed: boolean
  /** Of several that hold the one with the highest counts, then the newest; 0 unless it matters. */
  readonly weight: number
  readonly says: ReadonlyArray<string>
}

/** What is said where there is nothing at all. */
const nothingWords = {
  "walk-forward": "no walk-forward was run with this code",
  overfitting: "the overfitting guard was not asked",
  "look-ahead": "it was not checked for look-ahead"
} as const satisfies Partial<Record<StepName, string>>

/** The weightiest that holds for this backtest, of equals the newest; else that which differs in least, with why. */
const evidenceStep = (
  name: keyof typeof nothingWords,
  { backtest: { inputs }, evidence }: PromotionAsked,
  judge: (one: Evidence) => Judged | undefined,
  command: string
): Step => {
  const all = evidence
    .flatMap((one) => {
      const judged = judge(one)
      return judged === undefined ? [] : [{ one, judged, stale: mismatches(one, inputs) }]
    })
    .toSorted(
      (a, b) =>
        a.stale.length - b.stale.length || b.judged.weight - a.judged.weight || b.one.foundAt - a.one.foundAt
    )
  const [found] = all
  if (found === undefined) return step(name, "missing", [nothingWords[name]], { command })
  const { judged, one, stale } = found
  const more = { foundAt: one.foundAt, command }
  if (stale.length > 0) return step(name, "stale", [stale.join("; "), ...judged.says], more)
  const holding = all.filter((other) => other.stale.length === 0)
  const failing = holding.filter((other) => other.judged.failed).length
  // Who asks until an answer is liked has searched.
  const asked =
    holding.length > 1 ? [`asked ${holding.length} times of this backtest, ${failing} of them failed`] : []
  return step(name, judged.failed ? "failed" : "found", [...judged.says, ...asked], more)
}

const number = (value: number | null, digits = 2): string =>
  value === null ? "unknown" : value.toFixed(digits)

const walkForward = (one: Of<"WalkForward">): Judged => ({
  failed: !(one.outOfSampleReturn > 0 && one.efficiency !== null && one.efficiency > 0),
  weight: 0,
  says: [
    `${one.windows} windows, ${one.profitableWindows} of them gained; out-of-sample return ${number(100 * one.outOfSampleReturn)}%, Sharpe ratio ${number(one.outOfSampleSharpeYearly)} a year, efficiency ${number(one.efficiency)}`
  ]
})

const overfitting = (one: Of<"Overfitting">): Judged => ({
  failed: one.recommendation !== "promote",
  weight: 0,
  says: [
    `the guard says ${one.recommendation}: ${one.trials} trials, PBO ${number(one.pbo)}, deflated Sharpe ratio ${number(one.deflatedSharpe)}`,
    ...(one.recommendation === "promote" ? [] : one.reasons)
  ]
})

/** A leak that was found stands, whatever was looked at later; of others that which looked at most places counts. */
const lookAhead = (one: Of<"LookAhead">): Judged => ({
  failed: one.changed > 0 || one.warmUpChanged > 0 || one.compared === 0 || one.cuts < LEAST_CUTS,
  weight: one.changed > 0 || one.warmUpChanged > 0 ? Infinity : one.cuts,
  says: [
    `${one.cuts} cuts, ${one.compared} decisions or more compared: ${one.changed} changed with the future, ${one.warmUpChanged} with a longer warm-up`,
    ...(one.cuts < LEAST_CUTS ? [`at least ${LEAST_CUTS} cuts are needed`] : [])
  ]
})

const typed = (inputs: BacktestInputs): string =>
  Object.entries(inputs.algorithm.parameters)
    .map(([name, value]) => ` --param ${quoted(`${name}=${String(value)}`)}`)
    .join("")

/** What says where prices are from. */
const priceOptions: ReadonlySet<string> = new Set(["--data", "--csv", "--skip-bad-rows"])

/** Paper trading begins where the backtest ends, on the same prices, with the same cash, under the same limits. */
const paperCommand = ({ command, inputs }: FinishedBacktest): string => {
  const { algorithm, cash, data, profile, resumePolicy } = inputs
  const prices = changed(command, ({ name, text }) =>
    name !== undefined && priceOptions.has(name) ? text : undefined
  )
  const { date } = nextSession(data.to)
  return `run --strategy ${algorithm.name}${typed(inputs)}${prices === "" ? "" : ` ${prices}`} --symbols ${data.symbols.join(",")} --from ${date} --cash ${formatMicros(cash)}${profile.promotable ? ` --limits ${profile.name}` : ""} --resume-policy ${formatResumePolicy(resumePolicy)}`
}

/** Values to try are the asker's. */
const gridOf = ({ algorithm }: BacktestInputs): string =>
  Object.keys(algorithm.parameters)
    .map((name) => ` --grid ${name}=VALUES`)
    .join("")

const paperStep = ({ backtest, paper }: PromotionAsked): Step => {
  const { inputs } = backtest
  const command = paperCommand(backtest)
  const holds = paper.filter(({ differs }) => differs.length === 0)
  const [nearest] = paper.toSorted((a, b) => a.differs.length - b.differs.length || (a.run < b.run ? 1 : -1))
  if (nearest === undefined)
    return step(
      "paper",
      "missing",
      [
        `no run of this strategy that begins after ${inputs.data.to} has finished; it takes prices of later sessions`
      ],
      { command }
    )
  if (holds.length === 0) {
    const says = `none of ${paper.length === 1 ? "1 run" : `${paper.length} runs`} is of this backtest: ${nearest.run} has ${nearest.differs.join("; ")}`
    return step("paper", "stale", [says], { command })
  }
  // The same session of two runs is one session, and its fills are those of the run that has most.
  const sessions = new Set(holds.flatMap((run) => run.sessions)).size
  const fills = Math.max(...holds.map((run) => run.fills))
  const says = [
    `${sessions} sessions after ${inputs.data.to}, ${fills} fills; needed are ${LEAST_PAPER_SESSIONS} sessions and ${LEAST_PAPER_FILLS} fill`
  ]
  const enough = sessions >= LEAST_PAPER_SESSIONS && fills >= LEAST_PAPER_FILLS
  return step("paper", enough ? "found" : "missing", says, { command })
}

/** Complete when every step is found, and never otherwise. */
export const promotionOf = (asked: PromotionAsked): Promotion => {
  const { command, id, inputs } = asked.backtest
  const steps = [
    codeStep(asked),
    backtestStep(asked),
    evidenceStep(
      "walk-forward",
      asked,
      ({ finding }) => (finding._tag === "WalkForward" ? walkForward(finding) : undefined),
      `${changed(command, ({ name, text }) => (name === "--param" ? undefined : text)).replace(/^backtest run/u, "backtest walk-forward")}${gridOf(inputs)}`
    ),
    evidenceStep(
      "overfitting",
      asked,
      ({ finding }) => (finding._tag === "Overfitting" ? overfitting(finding) : undefined),
      `backtest overfit ${id}`
    ),
    evidenceStep(
      "look-ahead",
      asked,
      ({ finding }) => (finding._tag === "LookAhead" ? lookAhead(finding) : undefined),
      command.replace(/^backtest run/u, "backtest lookahead")
    ),
    paperStep(asked)
  ]
  return { steps, complete: steps.every(({ state }) => state === "found") }
}
