/** Command lines of every kind: right, nearly right, and hostile. */
import * as fc from "fast-check"
import type { HelpDoc } from "effect/cli"
import type { Typed } from "../programs/cli/InProcess.ts"
import type { CommandShape } from "./CommandTree.ts"
import * as Hostile from "./Hostile.ts"

export interface CommandLine {
  readonly args: ReadonlyArray<string>
  /** What sits at the terminal; without it there is none. */
  readonly typed?: Typed
}

const runs = fc.constantFrom(
  "latest",
  "20200102-000000",
  "20200102-000001",
  "20200102-000002",
  "",
  "..",
  "../..",
  "LATEST",
  "\n"
)

const byName: ReadonlyMap<string, fc.Arbitrary<string>> = new Map([
  ["symbol", Hostile.symbol],
  [
    "symbols",
    fc.oneof(
      Hostile.symbol,
      fc.tuple(Hostile.symbol, Hostile.symbol).map((both) => both.join(","))
    )
  ],
  ["quantity", Hostile.number],
  ["amount", Hostile.number],
  ["cash", Hostile.number],
  ["count", Hostile.number],
  ["factor", Hostile.number],
  ["seed", Hostile.number],
  ["from", Hostile.date],
  ["to", Hostile.date],
  ["data", Hostile.path],
  ["reason", Hostile.reason],
  ["run", runs],
  ["order", fc.oneof(fc.constantFrom("o-working", "o-filled", "o-nope"), Hostile.text)],
  [
    "csv",
    fc.oneof(
      { weight: 3, arbitrary: Hostile.path.map((path) => `MYFUND=${path}`) },
      { weight: 1, arbitrary: fc.tuple(Hostile.symbol, Hostile.path).map((pair) => pair.join("=")) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "__proto__=prices.csv",
          "constructor=prices.csv",
          "=",
          "A=",
          "=prices.csv",
          "A=B=C"
        )
      }
    )
  ],
  [
    "strategy",
    fc.constantFrom(
      "trend",
      "guarded-holder",
      "buy-and-hold",
      "trend,trend",
      "trend,",
      ",",
      "Trend",
      "",
      "x",
      "__proto__"
    )
  ],
  ["limits", fc.constantFrom("desk", "single-index", "research", "Desk", "", "__proto__", "constructor")],
  [
    "resume-policy",
    fc.constantFrom(
      "never",
      "sessions:1",
      "sessions:20",
      "sessions:0",
      "sessions:-1",
      "sessions:1e9",
      "sessions:99999999999999999999",
      "sessions:",
      "Never",
      ""
    )
  ]
])

const byType: ReadonlyMap<string, fc.Arbitrary<string>> = new Map([
  ["dollars", Hostile.number],
  ["price", Hostile.number],
  ["quantity", Hostile.number],
  ["number", Hostile.number],
  ["integer", Hostile.number],
  ["duration", Hostile.duration],
  ["time", fc.oneof(fc.constantFrom("open", "close", "Open", ""), Hostile.date)],
  ["path", Hostile.path],
  ["choice", Hostile.choice],
  ["text", Hostile.text],
  ["group", Hostile.text]
])

/** Values for an option or argument; mostly of its kind, now and then of another. */
const valueOf = ({ name, type }: { readonly name: string; readonly type: string }): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: byName.get(name) ?? byType.get(type) ?? Hostile.anything },
    { weight: 1, arbitrary: Hostile.text },
    // Nothing that could be a path to write to outside the folder.
    ...(type === "path" ? [] : [{ weight: 1, arbitrary: Hostile.anything }])
  )

const writtenFlag = (flag: HelpDoc.FlagDoc): fc.Arbitrary<ReadonlyArray<string>> => {
  const names = [`--${flag.name}`, ...flag.aliases]
  const name = fc.constantFrom(...names)
  if (flag.type === "boolean") {
    return fc.oneof(
      { weight: 6, arbitrary: name.map((written) => [written]) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          [`--no-${flag.name}`],
          [`--${flag.name}=true`],
          [`--${flag.name}=maybe`],
          [`--no-${flag.name}=true`]
        )
      }
    )
  }
  const value = valueOf(flag)
  return fc.oneof(
    { weight: 5, arbitrary: fc.tuple(name, value) },
    { weight: 3, arbitrary: fc.tuple(name, value).map(([written, text]) => [`${written}=${text}`]) },
    { weight: 1, arbitrary: name.map((written) => [written]) },
    { weight: 1, arbitrary: fc.tuple(name, value, name, value) }
  )
}

const stray = fc.oneof(
  fc.constantFrom(
    ["--"],
    ["-"],
    [""],
    ["--help"],
    ["-h"],
    ["--version"],
    ["-v"],
    ["--completions", "bash"],
    ["--completions", "x"],
    ["--wizard"],
    ["-xyz"],
    ["--=5"],
    ["--nope=1"],
    ["--json", "--json"]
  ),
  Hostile.text.map((text) => [text]),
  Hostile.text.map((text) => [`--${text}`])
)

const typed: fc.Arbitrary<Typed | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constant<Typed>("the code") },
  { weight: 1, arbitrary: fc.constantFrom<Typed>("nothing", { text: "y" }, { text: "abc234" }) },
  { weight: 1, arbitrary: Hostile.text.map((text): Typed => ({ text })) }
)

/** Sessions that are over soon: a run of twenty years is no case to repeat ten thousand times. */
const shortRun = ["--from", "2020-01-02", "--to", "2020-01-06"]

const sometimes = <A>(percent: number, value: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.oneof(
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
    { weight: percent, arbitrary: value }
  )

const linesOf = (shape: CommandShape): fc.Arbitrary<ReadonlyArray<string>> => {
  const args = fc.tuple(...shape.args.map((arg) => sometimes(arg.required ? 95 : 50, valueOf(arg))))
  const flags = fc.tuple(
    ...shape.flags.map((flag) =>
      sometimes(
        flag.required || flag.name === "yes" ? 75 : flag.type === "boolean" ? 25 : 12,
        writtenFlag(flag)
      )
    )
  )
  const isRun = shape.path.join(" ") === "run"
  return fc
    .record({
      args,
      flags,
      strays: fc.array(stray, { maxLength: 1 }),
      at: fc.nat(),
      flagsFirst: fc.boolean(),
      endOfFlags: fc.integer({ min: 0, max: 9 })
    })
    .map((given) => {
      const positionals = given.args.flatMap((arg) => (arg === undefined ? [] : [arg]))
      const options = given.flags.flatMap((flag) => flag ?? [])
      const bounded =
        isRun && !options.includes("--resume")
          ? [
              ...shortRun.filter(
                (_, i) => !options.some((option) => option.startsWith(shortRun[i - (i % 2)] ?? ""))
              ),
              ...options
            ]
          : options
      const last = given.endOfFlags === 0 ? ["--", ...positionals] : positionals
      const whole = given.flagsFirst || given.endOfFlags === 0 ? [...bounded, ...last] : [...last, ...bounded]
      const place = given.at % (whole.length + 1)
      return [...shape.path, ...whole.slice(0, place), ...given.strays.flat(), ...whole.slice(place)]
    })
}

/** A command line of one of these commands, or of none. */
export const commandLines = (shapes: ReadonlyArray<CommandShape>): fc.Arbitrary<CommandLine> =>
  fc
    .record({
      args: fc.oneof(
        ...shapes.map((shape) => ({
          weight: shape.isGroup ? 2 : 2 + shape.flags.length,
          arbitrary: linesOf(shape)
        })),
        { weight: 4, arbitrary: fc.array(Hostile.anything, { maxLength: 4 }) }
      ),
      typed
    })
    .map(({ args, typed: answer }) => (answer === undefined ? { args } : { args, typed: answer }))
