/** What every soak shares: its flags, its progress, its result. */
import { randomInt } from "node:crypto"
import { tmpdir } from "node:os"
import { parseArgs } from "node:util"

/** How much of something a soak does: in CI (`--short`), and in earnest. */
export interface Extent {
  readonly short: number
  readonly full: number
}

export interface SoakFlags<Name extends string> {
  /** Given, or fresh: the result names it either way, so that a failure can be had again. */
  readonly seed: number
  readonly short: boolean
  readonly json: boolean
  readonly counts: ReadonlyMap<Name, number>
  /** `--folder=PATH`: where it writes, in place of the system's folder for temporary files. */
  readonly folder: string
}

const usage = (problem: string): never => {
  process.stderr.write(`soak: ${problem}\n`)
  return process.exit(64)
}

const wholeNumber = (flag: string, text: string): number => {
  const value = Number(text)
  return text !== "" && Number.isSafeInteger(value) && value >= 0
    ? value
    : usage(`--${flag} takes a whole number, not "${text}"`)
}

const parse = (names: ReadonlyArray<string>) => {
  const text = { type: "string" } as const
  const flag = { type: "boolean", default: false } as const
  try {
    return parseArgs({
      options: {
        ...Object.fromEntries(["seed", "folder", ...names].map((name) => [name, text])),
        short: flag,
        json: flag
      },
      // One command line goes to several soaks: each takes what it knows.
      strict: false
    }).values
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : String(cause))
  }
}

/** Reads `--seed=N`, `--short`, `--json`, `--folder=PATH`, and `--NAME=N` for each of `extents`. */
export const soakFlags = <Name extends string>(
  extents: ReadonlyArray<readonly [Name, Extent]>
): SoakFlags<Name> => {
  const values: { readonly [flag: string]: unknown } = parse(extents.map(([name]) => name))
  const short = values["short"] === true
  const number = (flag: string, otherwise: () => number): number => {
    const given = values[flag]
    return typeof given === "string" ? wholeNumber(flag, given) : otherwise()
  }
  return {
    seed: number("seed", () => randomInt(2 ** 31)),
    short,
    json: values["json"] === true,
    folder: typeof values["folder"] === "string" ? values["folder"] : tmpdir(),
    counts: new Map(
      extents.map(([name, extent]) => [name, number(name, () => (short ? extent.short : extent.full))])
    )
  }
}

/** One line on standard error that overwrites itself on a terminal; a line now and then elsewhere. */
export const makeProgress = (name: string) => {
  let shownAt = 0
  return (done: number, total: number, note = ""): void => {
    const now = Date.now()
    const everyMillis = process.stderr.isTTY ? 200 : 15_000
    if (now - shownAt < everyMillis && done < total) return
    shownAt = now
    const line = `${name}: ${done} of ${total}${note === "" ? "" : `, ${note}`}`
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001B[K${done >= total ? "\n" : ""}` : `${line}\n`)
  }
}

/** What a soak found. `figures` are numbers with their unit in the name ("p99_ms"). */
export interface SoakResult {
  readonly name: string
  readonly seed: number
  /** How many of what was done: {"kills": 1000}. */
  readonly done: Readonly<Record<string, number>>
  /** What was not as it has to be, each with what gives it again. */
  readonly failures: ReadonlyArray<string>
  readonly figures: Readonly<Record<string, number | string | null>>
}

/** One fault may show a thousand times. */
const SHOWN = 20

/** Prints the result, for people or as one JSON value; exit code 1 when something failed. */
export const report = (result: SoakResult, json: boolean): void => {
  const { done, failures, figures, name, seed } = result
  if (json) process.stdout.write(`${JSON.stringify({ ...result, passed: failures.length === 0 })}\n`)
  else {
    const counts = Object.entries(done).map(([what, count]) => `${count} ${what}`)
    process.stdout.write(`${name} (seed ${seed}): ${counts.join(", ")}; ${failures.length} failures\n`)
    for (const [figure, value] of Object.entries(figures)) process.stdout.write(`  ${figure}: ${value}\n`)
    for (const failure of failures.slice(0, SHOWN)) process.stdout.write(`  FAILED ${failure}\n`)
    if (failures.length > SHOWN)
      process.stdout.write(`  and ${failures.length - SHOWN} more: --json has all\n`)
  }
  if (failures.length > 0) process.exitCode = 1
}
