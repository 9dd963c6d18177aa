/** Strategies by name: built in, in files of a project, and what is wrong with one that cannot be used. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { Worker } from "node:worker_threads"
import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { findAlgorithm, listAlgorithms } from "../../../src/programs/backtest/Algorithms.ts"
import { version } from "../../../src/programs/Version.ts"
import { bundled } from "../../support/BundledScript.ts"

const root = resolve(import.meta.dirname, "../../..")

let project = ""
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "plimsoll-algorithms-"))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

const write = (path: string, text: string): void => {
  const file = join(project, "algorithms", path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A strategy of that name with these lines before it, and this body of `onBar`. */
const code = (name: string, { before = "", body = "return []", make = "" } = {}): string => `
import { defineStrategy, whole, type StrategyContext, type Intent } from "plimsoll/strategy"
${before}
export default defineStrategy({
  name: "${name}",
  title: "A title",
  summary: "A summary.",
  instruments: { least: 1, most: null },
  parameters: { days: whole({ default: 5, minimum: 1, maximum: 9, meaning: "days" }) },
  make: ({ days }) => {
    ${make}
    return {
      onBar: (context: StrategyContext): ReadonlyArray<Intent> => { ${body} }
    }
  }
})
`

const found = (name: string) => Effect.runPromise(findAlgorithm(name, project))

const strategyOf = async (name: string) => {
  const algorithm = await found(name)
  if (algorithm._tag !== "Strategy") throw new Error(`${name} is a LEAN project`)
  return algorithm
}

const problemOf = async (name: string) => {
  const result = await Effect.runPromise(Effect.result(findAlgorithm(name, project)))
  if (Result.isSuccess(result)) throw new Error(`${name} was found`)
  return result.failure
}

describe("an algorithm is found", () => {
  it("among the built-in ones, which the program's version names", async () => {
    expect(await found("sma-cross")).toMatchObject({
      _tag: "Strategy",
      kind: "built-in",
      codeHash: `plimsoll ${version}`,
      definition: { name: "sma-cross" }
    })
  })

  it("in a file of the project, where nothing is installed", async () => {
    write("mine.ts", code("mine"))
    const { codeHash, definition, file, kind } = await strategyOf("mine")
    expect([kind, file]).toEqual(["file", join(project, "algorithms/mine.ts")])
    expect(codeHash).toMatch(/^[0-9a-f]{64}$/u)
    const strategy = Result.getOrThrow(definition.bind({ days: 3 }))
    expect(strategy).toMatchObject({ name: "mine", parameters: { days: 3 }, meanings: { days: "days" } })
    expect(Result.getOrThrow(Result.flip(definition.bind({ days: 10 })))).toMatchObject({
      _tag: "BadParameter",
      parameter: "days",
      message: "parameter days of strategy mine is 10: expected a whole number from 1 to 9"
    })
  })

  it("in a folder of its own, with files beside it", async () => {
    write(
      "mine/strategy.ts",
      code("mine", { before: `import { five } from "./parts/five.ts"`, make: "five()" })
    )
    write("mine/parts/five.ts", `export const five = (): number => 5\n`)
    const { definition, file } = await strategyOf("mine")
    expect(file).toBe(join(project, "algorithms/mine/strategy.ts"))
    expect(Result.isSuccess(definition.bind({}))).toBe(true)
  })

  it("as a LEAN project, in either language", async () => {
    write("alpha/main.py", "class Alpha: pass\n")
    write("alpha/config.json", "{}")
    write("beta/Main.cs", "class Beta {}\n")
    write("beta/config.json", "{}")
    write("gamma/main.py", "pass\n")
    const alpha = await found("alpha")
    expect(alpha).toMatchObject({
      _tag: "Lean",
      language: "Python",
      folder: join(project, "algorithms/alpha")
    })
    expect(await found("beta")).toMatchObject({ _tag: "Lean", language: "C#" })
    // Without a config.json it is none.
    expect((await problemOf("gamma"))._tag).toBe("UnknownAlgorithm")
    // What LEAN writes into a project is no change of its code.
    write("alpha/config.json", `{ "local-id": 7 }`)
    write("alpha/backtests/2026/code/main.py", "other\n")
    expect((await found("alpha")).codeHash).toBe(alpha.codeHash)
    write("alpha/helper.py", "pass\n")
    expect((await found("alpha")).codeHash).not.toBe(alpha.codeHash)
  })

  it("as the guide writes one", async () => {
    const guide = readFileSync(join(root, "docs/backtesting.md"), "utf8")
    const example = /```ts\n(?<code>import \{ defineStrategy.*?)```/su.exec(guide)?.groups?.["code"] ?? ""
    write("above-the-mean.ts", example)
    const { definition } = await strategyOf("above-the-mean")
    const strategy = Result.getOrThrow(definition.bind({ sessions: 50 }))
    expect(strategy.indicators?.map(({ name }) => name)).toEqual(["SMA(50)"])
  })

  it("in this project's own algorithms", async () => {
    const algorithm = await Effect.runPromise(findAlgorithm("breakout-stop", root))
    if (algorithm._tag !== "Strategy") throw new Error("it is a strategy")
    expect(Result.getOrThrow(algorithm.definition.bind({ channel: 55 })).parameters).toEqual({
      channel: 55,
      ranges: 2,
      weight: 0.2
    })
  })
})

describe("a strategy's code", () => {
  it("is loaded afresh when it, or a file it imports, has changed", async () => {
    write("mine.ts", code("mine", { before: `import { title } from "./title.ts"`, make: "void title" }))
    write("title.ts", `export const title = "one"\n`)
    const first = await strategyOf("mine")
    expect((await strategyOf("mine")).codeHash).toBe(first.codeHash)
    write("title.ts", `export const title = "two"\n`)
    const second = await strategyOf("mine")
    expect(second.codeHash).not.toBe(first.codeHash)
    write("mine.ts", code("mine", { before: "export const changed = true" }).replace("A title", "Another"))
    const third = await strategyOf("mine")
    expect(third.definition.title).toBe("Another")
    expect(new Set([first.codeHash, second.codeHash, third.codeHash]).size).toBe(3)
  })

  it("has the same hash wherever the project is", async () => {
    write("mine.ts", code("mine"))
    const here = (await strategyOf("mine")).codeHash
    const other = mkdtempSync(join(tmpdir(), "plimsoll-other-"))
    mkdirSync(join(other, "algorithms"))
    writeFileSync(join(other, "algorithms/mine.ts"), code("mine"))
    expect((await Effect.runPromise(findAlgorithm("mine", other))).codeHash).toBe(here)
    rmSync(other, { recursive: true })
  })

  it.each([
    ["behind a comment", 'import { k } from /* own */ "./helper.ts"'],
    ["by a template", "const { k } = await import(`./helper.ts`)"],
    ["by a name that is made up", 'const { k } = await import("./hel" + "per.ts")']
  ])("when it imports a file of its own %s, where its hash cannot follow", async (_, before) => {
    write("helper.ts", "export const k = 1\n")
    write("mine.ts", code("mine", { before, body: "return k > 1 ? [] : []" }))
    expect(await problemOf("mine")).toMatchObject({
      _tag: "AlgorithmInvalid",
      message: expect.stringContaining("in a way that the hash of its code cannot follow")
    })
  })

  it("reaches nothing but this library and its own files", async () => {
    for (const [module, text] of [
      ["node:fs", `import { readFileSync } from "node:fs"\nvoid readFileSync`],
      ["effect", `import { Effect } from "effect"\nvoid Effect`]
    ] as const) {
      write("mine.ts", code("mine", { before: text }))
      expect(await problemOf("mine")).toMatchObject({
        _tag: "AlgorithmInvalid",
        message: `algorithms/mine.ts: it imports "${module}": a strategy imports "plimsoll/strategy" and files of its own, and nothing else`
      })
    }
  })

  it("is loaded in a worker as it is here", async () => {
    write("mine.ts", code("mine"))
    const here = (await strategyOf("mine")).codeHash
    const worker = new Worker(await bundled(new URL("processes/loadAlgorithm.ts", import.meta.url)), {
      workerData: { name: "mine", project }
    })
    const told = await new Promise((done, failed) => {
      worker.on("message", done)
      worker.on("error", failed)
    })
    await worker.terminate()
    expect(told).toEqual({ name: "mine", codeHash: here, days: 5 })
  })
})

describe("what is wrong is said", () => {
  it("of a name that nothing has, with the nearest", async () => {
    write("mine.ts", code("mine"))
    expect(await problemOf("sma-cros")).toMatchObject({
      _tag: "UnknownAlgorithm",
      message:
        'There is no strategy "sma-cros": expected one of trend, guarded-holder, buy-and-hold, covered-call, put-spread, sma-cross, pair-reversion, mine. The nearest is sma-cross.'
    })
    for (const name of ["../mine", "", "mine.ts", "/etc/passwd"]) {
      expect((await problemOf(name))._tag).toBe("UnknownAlgorithm")
    }
  })

  const broken: ReadonlyArray<readonly [what: string, text: string, line: number | undefined, says: string]> =
    [
      ["does not parse", "const a = 1\n\nconst b: = 3\n", 3, "Unexpected token"],
      ["throws when it is loaded", `\nthrow new Error("no luck")\n`, 2, "no luck"],
      ["imports what is not there", `import { a } from "./nowhere.ts"\nvoid a\n`, undefined, "nowhere.ts"],
      ["has no default export", "export const a = 1\n", undefined, "it has no default export"],
      [
        "exports something else",
        "export default { name: 'mine' }\n",
        undefined,
        "its default export is no strategy"
      ],
      ["calls itself otherwise", code("other"), undefined, 'calls its strategy "other"'],
      [
        "never finishes loading",
        "await new Promise(() => {})\nexport default 1\n",
        undefined,
        "not loaded within 10 s"
      ]
    ]
  it.each(broken)(
    "of a file that %s",
    async (_, text, line, says) => {
      write("mine.ts", text)
      const problem = await problemOf("mine")
      expect(problem).toMatchObject({ _tag: "AlgorithmInvalid", name: "mine", file: "algorithms/mine.ts" })
      expect(problem.message).toContain(
        line === undefined ? "algorithms/mine.ts: " : `algorithms/mine.ts:${line}: `
      )
      expect(problem.message).toContain(says)
      expect("line" in problem ? problem.line : undefined).toBe(line)
    },
    20_000
  )

  it("of a file that another one imports, at its own line", async () => {
    write("mine.ts", code("mine", { before: `import "./part.ts"` }))
    write("part.ts", `\n\nthrow new Error("in a part")\n`)
    expect(await problemOf("mine")).toMatchObject({
      file: "algorithms/part.ts",
      line: 3,
      message: "algorithms/part.ts:3: in a part"
    })
  })

  it("of a strategy that cannot be made, or is none", async () => {
    write("mine.ts", code("mine", { make: `if (days > 4) throw new Error("too long")` }))
    const { definition } = await strategyOf("mine")
    expect(Result.isSuccess(definition.bind({ days: 4 }))).toBe(true)
    const failure = Result.getOrThrow(Result.flip(definition.bind({})))
    expect(failure._tag).toBe("BadParameter")
    expect(failure.message).toMatch(/^strategy mine cannot be made: algorithms\/mine\.ts:\d+: too long$/u)
    write("bare.ts", code("bare").replace("onBar:", "onBars:"))
    const bare = await strategyOf("bare")
    expect(Result.getOrThrow(Result.flip(bare.definition.bind({}))).message).toContain(
      "strategy bare makes something else than a strategy"
    )
  })

  it("of two that have one name", async () => {
    write("trend.ts", code("trend"))
    expect((await problemOf("trend")).message).toBe(
      'algorithms has a strategy "trend", and a built-in one has that name: give it another name'
    )
    write("mine.ts", code("mine"))
    write("mine/strategy.ts", code("mine"))
    expect((await problemOf("mine")).message).toBe(
      'algorithms has a strategy "mine", and another of that name: give it another name'
    )
  })
})

it("all there are can be listed, usable or not", async () => {
  write("mine.ts", code("mine"))
  write("broken.ts", "const b: = 3\n")
  write("types.d.ts", "export {}\n")
  write("notes.md", "# notes\n")
  write("alpha/main.py", "pass\n")
  write("alpha/config.json", "{}")
  const all = await Effect.runPromise(listAlgorithms(project))
  expect(all.filter(({ kind }) => kind !== "built-in")).toMatchObject([
    { name: "alpha", kind: "lean", language: "Python" },
    { name: "broken", kind: "invalid", file: "algorithms/broken.ts" },
    { name: "mine", kind: "file", title: "A title", summary: "A summary." }
  ])
  expect(all.filter(({ kind }) => kind === "built-in").map(({ name }) => name)).toContain("pair-reversion")
  expect(await Effect.runPromise(listAlgorithms(join(project, "nowhere")))).toHaveLength(7)
})
