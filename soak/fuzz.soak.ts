/**
 * Bad input in volume: command lines in this process and as processes of their own, desks with a spoiled file, and
 * hundreds of thousands of bad files of every format. With `--short` a few of each; the seed gives all of it again.
 */
import { Effect } from "effect"
import { buildIfStale } from "../test/e2e/Program.ts"
import { asProcess, runCommandLine } from "../test/fuzz/CommandCase.ts"
import { commandLines } from "../test/fuzz/CommandLines.ts"
import { commandTree } from "../test/fuzz/CommandTree.ts"
import { byteFormats, type Format, problemsOf, textFormats } from "../test/fuzz/Formats.ts"
import { fuzz, type FuzzOptions } from "../test/fuzz/Fuzz.ts"
import { giganticFiles } from "../test/fuzz/GiganticFiles.ts"
import { makeSandboxDesk } from "../test/fuzz/SandboxDesk.ts"
import { runSpoiled, spoiledFiles } from "../test/fuzz/SpoiledFiles.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const { counts, json, seed, short } = soakFlags([
  ["commands", { short: 200, full: 20_000 }],
  ["processes", { short: 10, full: 300 }],
  ["spoiled", { short: 60, full: 5000 }],
  ["files", { short: 500, full: 100_000 }]
])
const countOf = (name: "commands" | "processes" | "spoiled" | "files"): number => counts.get(name) ?? 0

const progress = makeProgress("fuzz")
const failures: Array<string> = []
const done: Record<string, number> = {}

const run = async <A>(what: string, options: Omit<FuzzOptions<A>, "seed" | "onCase">): Promise<void> => {
  const { cases, failure } = await fuzz({
    ...options,
    seed,
    onCase: (n) => progress(Math.min(n, options.count), options.count, options.name)
  })
  done[what] = (done[what] ?? 0) + cases
  if (failure !== undefined) failures.push(failure)
}

const formatRun = <A>(format: Format<A>): Promise<void> =>
  run("files", {
    name: format.name,
    cases: format.files,
    count: countOf("files"),
    problems: (file) => problemsOf(format, file)
  })

buildIfStale()
const desk = await makeSandboxDesk()
try {
  const lines = commandLines(await Effect.runPromise(commandTree))
  for (const format of textFormats) await formatRun(format)
  for (const format of byteFormats) await formatRun(format)
  await run("command lines", {
    name: "command line",
    cases: lines,
    count: countOf("commands"),
    problems: async (line) => (await runCommandLine(desk, line)).problems
  })
  await run("processes", {
    name: "process",
    // What a shell can hand over: no zero byte.
    cases: lines.filter(({ args }) => !args.some((arg) => arg.includes("\0"))),
    count: countOf("processes"),
    problems: async (line) => (await runCommandLine(desk, line, asProcess(desk.folder))).problems
  })
  await run("spoiled desks", {
    name: "spoiled file",
    cases: spoiledFiles,
    count: countOf("spoiled"),
    problems: (spoiled) => runSpoiled(desk, spoiled)
  })
  const { failures: tooLarge, figures } = await giganticFiles(desk, short)
  failures.push(...tooLarge)
  report({ name: "fuzz", seed, done, failures, figures }, json)
} finally {
  desk.remove()
}
