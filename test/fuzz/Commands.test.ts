/** Whatever is typed, and whatever has become of the desk's files, a command ends as commands end. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { Effect } from "effect"
import { runCommandLine } from "./CommandCase.ts"
import { commandLines } from "./CommandLines.ts"
import { commandTree } from "./CommandTree.ts"
import { commandCases } from "./Corpus.ts"
import { fuzz } from "./Fuzz.ts"
import { makeSandboxDesk, type SandboxDesk } from "./SandboxDesk.ts"
import { runSpoiled, spoiledFiles } from "./SpoiledFiles.ts"

// Each case opens a desk.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const SEED = 20_261_125

let desk: SandboxDesk
beforeAll(async () => {
  desk = await makeSandboxDesk()
})
afterAll(() => desk.remove())

describe("the commands that are fuzzed", () => {
  it("are all that there are, with every argument and option that --help tells of", async () => {
    const shapes = await Effect.runPromise(commandTree)
    const told = shapes.map(({ args, flags, path }) =>
      [...path, ...args.map(({ name }) => `<${name}>`), ...flags.map(({ name }) => `--${name}`)].join(" ")
    )
    expect(told).toContain("clock step --by --to --json")
    expect(told).toContain("account deposit <amount> --json")
    expect(shapes.length).toBeGreaterThan(30)
  })
})

describe("a command line that once ended wrongly", () => {
  it.each(commandCases.map((one) => [one.was, one] as const))("ends rightly: %s", async (_was, line) => {
    const { problems } = await runCommandLine(desk, line)
    expect(problems).toEqual([])
  })
})

describe("a command line of any kind", () => {
  it("ends in time with an exit code and words, and leaves alone what it may not change", async () => {
    const shapes = await Effect.runPromise(commandTree)
    const { failure } = await fuzz({
      name: "command line",
      cases: commandLines(shapes),
      count: 150,
      seed: SEED,
      problems: async (line) => (await runCommandLine(desk, line)).problems
    })
    expect(failure).toBeUndefined()
  })
})

describe("a desk with a file that is not what was written", () => {
  it("is opened or refused in words, and can be halted", async () => {
    const { failure } = await fuzz({
      name: "spoiled file",
      cases: spoiledFiles,
      count: 60,
      seed: SEED,
      problems: (spoiled) => runSpoiled(desk, spoiled)
    })
    expect(failure).toBeUndefined()
  })
})
