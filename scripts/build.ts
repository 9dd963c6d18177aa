/**
 * Bundles the programs into dist/: one minified CommonJS file each, because a short command must start in
 * about the time of Node itself. `--if-stale` builds only when a source is newer than the bundles.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join, relative, resolve } from "node:path"
import type { Plugin, RolldownOptions } from "rolldown"
import { eagerFunctions } from "./eagerFunctions.ts"
import { pureCalls } from "./pureCalls.ts"

const flagValue = (name: string): string | undefined => {
  const index = process.argv.indexOf(name)
  return index === -1 ? undefined : process.argv[index + 1]
}

/** `--root` builds another folder of the same shape: the tests use it. */
const root = resolve(flagValue("--root") ?? join(import.meta.dirname, ".."))
const out = join(root, "dist")

/**
 * Each program is bundled by itself. A shared chunk would carry to the short commands whatever the long ones
 * need of a common module. One program loads another with `import("./other.ts")`, which becomes a `require`
 * of that bundle, so that nothing of it is read before it is wanted.
 */
const programs: Readonly<Record<string, string>> = {
  main: "src/programs/cli/main.ts",
  short: "src/programs/cli/short.ts",
  shortOnServer: "src/programs/cli/shortOnServer.ts",
  full: "src/programs/cli/full.ts",
  mcp: "src/programs/mcp/main.ts",
  // Started as a thread by the two before it.
  backtestWorker: "src/programs/backtest/worker/worker.ts",
  ...Object.fromEntries(
    ["risk-validator", "log-trade", "load-context", "parse-backtest", "algo-change-guard"].map((name) => [
      `hooks/${name}.main`,
      `src/programs/hooks/${name}/main.ts`
    ])
  ),
  "hooks/risk-validator.slow": "src/programs/hooks/risk-validator/slow.ts"
}

/**
 * What other programs import. The options library leaves Effect to their own copy of it, which its answers are
 * taken apart with; a strategy's module has to load at once, and never meets Effect.
 */
const libraries: Readonly<Record<string, { readonly path: string; readonly external: RegExp[] }>> = {
  options: { path: "src/options/library.ts", external: [/^node:/, /^effect(?:\/|$)/] },
  strategy: { path: "src/session/strategyLibrary.ts", external: [/^node:/] }
}

/** Starts a bundle with Node's compile cache, which is kept in `dist/cache`. */
const starter = (cache: string, bundle: string): string =>
  `require("node:module").enableCompileCache(require("node:path").join(__dirname, "${cache}"))\nrequire("${bundle}")\n`

/** Hooks whose end decides a call. A bundle that does nothing, for it is empty or cut off, has not allowed it. */
const guards: ReadonlySet<string> = new Set(["risk-validator", "algo-change-guard"])
const closed = "process.exitCode = 2\n"

/**
 * What a program never comes to, and would still pay for: what it shares with a part that is loaded on demand
 * cannot be shaken out. `short` is started for desks in a file only, `shortOnServer` for the others.
 */
const neverLoaded: Readonly<Record<string, ReadonlyArray<string>>> = {
  short: ["src/storage/Postgres.ts"]
}

/** Data packages are read as files at run time. */
const external = [/^node:/, "vega-datasets", "@observablehq/sample-datasets"]

const fail = (message: string): never => {
  process.stderr.write(`build: ${message}\n`)
  process.exit(1)
}

const newestMillis = (path: string): number => {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestMillis(join(path, name))))
}

const entryOut = join(out, "plimsoll.cjs")

const isFresh = (): boolean => {
  if (!existsSync(entryOut)) return false
  const builtMillis = statSync(entryOut).mtimeMs
  const sources = [
    "src",
    "package.json",
    "package-lock.json",
    "scripts/build.ts",
    "scripts/pureCalls.ts",
    "scripts/eagerFunctions.ts"
  ]
  return sources
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .every((path) => newestMillis(path) <= builtMillis)
}

/** The bundle of a program, from that of another. */
const bundleFrom = (name: string, other: string): string => {
  const path = relative(dirname(name), other)
  return `${path.startsWith(".") ? "" : "./"}${path}.cjs`
}

/** Turns a dynamic import of another program into a `require` of its bundle. */
const otherPrograms = (name: string): Plugin => {
  const bundleOf = new Map(
    Object.entries(programs)
      .filter(([other]) => other !== name)
      .map(([other, path]) => [resolve(root, path), bundleFrom(name, other)])
  )
  for (const path of neverLoaded[name] ?? []) bundleOf.set(resolve(root, path), "./not-in-this-program.cjs")
  return {
    name: "other-programs",
    resolveId(source, importer, { kind }) {
      if (importer === undefined || !source.startsWith(".") || kind !== "dynamic-import") return null
      const bundle = bundleOf.get(resolve(dirname(importer), source))
      return bundle === undefined ? null : { id: bundle, external: true }
    }
  }
}

/** Whose calls at the top of a module only make values. */
const isOurs = (path: string): boolean => path.startsWith(join(root, "src"))

const optionsFor = (name: string, path: string): RolldownOptions => ({
  input: { [name]: join(root, path) },
  cwd: root,
  platform: "node",
  external,
  plugins: [otherPrograms(name), ...(name.startsWith("hooks/") ? [pureCalls(isOurs), eagerFunctions()] : [])],
  // Its paths lead to declarations, not to code.
  tsconfig: false,
  // A schema is looked into for its methods: that does nothing.
  treeshake: name.startsWith("hooks/") ? { propertyReadSideEffects: false } : true,
  logLevel: "warn",
  // On a busy machine: a note about our own plugins, which is nobody's business at an install.
  checks: { bundlerTimings: false }
})

/**
 * The declarations of the libraries, where there is a compiler: an install without development dependencies has
 * none, and no use for them.
 */
const declare = async (folder: string): Promise<void> => {
  const compiler = join(root, "node_modules/typescript/bin/tsc")
  const project = join(root, "tsconfig.library.json")
  if (!existsSync(compiler) || !existsSync(project)) return
  const ended = await new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    const child = spawn(process.execPath, [compiler, "-p", project, "--outDir", folder])
    let said = ""
    child.stdout.on("data", (text: Buffer) => (said += text.toString()))
    child.stderr.on("data", (text: Buffer) => (said += text.toString()))
    child.on("error", (cause) => resolve({ code: 1, said: cause.message }))
    child.on("close", (code) => resolve({ code, said }))
  })
  if (ended.code !== 0) fail(`the declarations of the libraries: ${ended.said}`)
}

const libraryOptions = (name: string, { external, path }: (typeof libraries)[string]): RolldownOptions => ({
  input: { [name]: join(root, path) },
  cwd: root,
  platform: "node",
  external,
  tsconfig: false,
  logLevel: "warn",
  // On a busy machine: a note about our own plugins, which is nobody's business at an install.
  checks: { bundlerTimings: false }
})

const build = async (): Promise<void> => {
  for (const path of [...Object.values(programs), ...Object.values(libraries).map(({ path }) => path)]) {
    if (!existsSync(join(root, path))) fail(`the entry ${path} is missing`)
  }
  const { rolldown } = await import("rolldown")
  const startedMillis = performance.now()

  // Built beside and moved in whole: a program that starts meanwhile does not find half a build.
  const fresh = join(root, `dist.${process.pid}`)
  const stale = `${fresh}.old`
  mkdirSync(fresh, { recursive: true })
  try {
    await Promise.all([
      declare(join(fresh, "types")),
      ...Object.entries(libraries).map(async ([name, library]) => {
        const bundle = await rolldown(libraryOptions(name, library))
        await bundle.write({ dir: fresh, format: "esm", entryFileNames: "[name].mjs" })
        await bundle.close()
      }),
      ...Object.entries(programs).map(async ([name, path]) => {
        const bundle = await rolldown(optionsFor(name, path))
        await bundle.write({
          dir: fresh,
          format: "cjs",
          minify: true,
          dynamicImportInCjs: false,
          entryFileNames: "[name].cjs",
          chunkFileNames: `${name}-[name]-[hash].cjs`
        })
        await bundle.close()
      })
    ])
    writeFileSync(join(fresh, "plimsoll.cjs"), starter("cache", "./main.cjs"))
    for (const name of Object.keys(programs)) {
      if (!name.startsWith("hooks/") || !name.endsWith(".main")) continue
      const started = basename(name)
      writeFileSync(
        join(fresh, name.replace(/\.main$/u, ".cjs")),
        `${guards.has(basename(name, ".main")) ? closed : ""}${starter("../cache", `./${started}.cjs`)}`
      )
    }
    if (existsSync(out)) renameSync(out, stale)
    renameSync(fresh, out)
  } finally {
    for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true })
  }

  const bytes = readdirSync(out)
    .filter((name) => name.endsWith(".cjs"))
    .reduce((total, name) => total + statSync(join(out, name)).size, 0)
  const seconds = ((performance.now() - startedMillis) / 1000).toFixed(1)
  process.stdout.write(
    `built ${relative(process.cwd(), out) || basename(out)} in ${seconds} s, ${Math.round(bytes / 1024)} KB\n`
  )
}

if (!process.argv.includes("--if-stale") || !isFresh()) await build()
