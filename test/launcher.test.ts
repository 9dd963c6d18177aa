import { spawnSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join, resolve } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hookNames } from "../src/programs/hooks/HookNames.ts"

const repository = resolve(import.meta.dirname, "..")

let folder = ""
let checkout = ""
let tools = ""

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-launcher-")))
  checkout = join(folder, "check out")
  tools = join(folder, "tools")
  mkdirSync(tools)
  // A PATH with the system's plain tools and no Node.
  for (const tool of ["sh", "readlink", "dirname", "mkdir", "ln"]) {
    const found = spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim()
    symlinkSync(found, join(tools, tool))
  }
  for (const file of ["bin/plimsoll", "scripts/find-node.sh", "scripts/build.sh", "scripts/prepare.sh"]) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true })
    copyFileSync(join(repository, file), join(checkout, file))
  }
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const write = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

/** Stands for the platform package that brings Node along. */
const pinNode = (): void => {
  const bin = join(checkout, "node_modules/node-test-x64/bin")
  mkdirSync(bin, { recursive: true })
  symlinkSync(process.execPath, join(bin, "node"))
}

const oldNodeOnPath = (): string => {
  const old = join(folder, "old")
  write(join(old, "node"), "#!/bin/sh\necho 20\n", 0o755)
  return old
}

/** A bundle that says how it was started. */
const bundle = (): void =>
  write(
    join(checkout, "dist/plimsoll.cjs"),
    `process.stdout.write(JSON.stringify([process.env.PLIMSOLL_LAUNCHER, ...process.argv.slice(2)]))`
  )

const run = (command: string, args: ReadonlyArray<string>, path: ReadonlyArray<string>, cwd = folder) => {
  const result = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { PATH: path.join(delimiter), HOME: folder }
  })
  return { status: result.status, stdout: result.stdout, stderr: result.stderr }
}

const started = (...args: ReadonlyArray<string>): string =>
  JSON.stringify([join(checkout, "bin/plimsoll"), ...args])

describe("the launcher", () => {
  it("runs the bundle by the pinned Node, with no Node on the PATH, and passes arguments whole", () => {
    pinNode()
    bundle()
    expect(run(join(checkout, "bin/plimsoll"), ["a b", "--c=*"], [tools])).toEqual({
      status: 0,
      stdout: started("a b", "--c=*"),
      stderr: ""
    })
  })

  it("finds its folder through a chain of links, from anywhere", () => {
    pinNode()
    bundle()
    const links = join(folder, "links")
    mkdirSync(links)
    symlinkSync(join(checkout, "bin/plimsoll"), join(links, "first"))
    symlinkSync("first", join(links, "plimsoll"))
    expect(run(join(links, "plimsoll"), ["status"], [tools], "/").stdout).toBe(started("status"))
    expect(run("plimsoll", ["status"], [links, tools], "/").stdout).toBe(started("status"))
    expect(run("./plimsoll", [], [tools], links).stdout).toBe(started())
    expect(run("sh", ["plimsoll"], [tools], join(checkout, "bin")).stdout).toBe(started())
  })

  it("gives the program its exit code", () => {
    pinNode()
    write(join(checkout, "dist/plimsoll.cjs"), "process.exit(64)")
    expect(run(join(checkout, "bin/plimsoll"), [], [tools]).status).toBe(64)
  })

  it("takes a new enough Node from the PATH when none is pinned", () => {
    bundle()
    expect(run(join(checkout, "bin/plimsoll"), [], [dirname(process.execPath), tools]).stdout).toBe(started())
  })

  it("finds the Node beside it when it is installed as a dependency", () => {
    bundle()
    const modules = join(folder, "other/node_modules")
    mkdirSync(join(modules, "node-test-x64/bin"), { recursive: true })
    symlinkSync(process.execPath, join(modules, "node-test-x64/bin/node"))
    renameSync(checkout, join(modules, "plimsoll"))
    checkout = join(modules, "plimsoll")
    expect(run(join(checkout, "bin/plimsoll"), [], [tools]).stdout).toBe(started())
  })

  it.each([
    ["no Node at all", () => [tools]],
    ["an old Node only", () => [oldNodeOnPath(), tools]]
  ])("says in one line what is missing when there is %s", (_case, path) => {
    bundle()
    const result = run(join(checkout, "bin/plimsoll"), ["status"], path())
    expect(result.status).toBe(1)
    expect(result.stdout).toBe("")
    expect(result.stderr).toMatch(/^plimsoll: no Node\.js 24 or newer was found\. Type: npm ci .*\n$/u)
  })

  it("builds a checkout that is not built, and leaves standard output to the program", () => {
    pinNode()
    mkdirSync(join(checkout, "node_modules/rolldown"), { recursive: true })
    write(
      join(checkout, "scripts/build.ts"),
      `import { mkdirSync, writeFileSync } from "node:fs"
       const out: string = import.meta.dirname + "/../dist"
       mkdirSync(out)
       writeFileSync(out + "/plimsoll.cjs", "process.stdout.write('done')")
       process.stdout.write("building")`
    )
    expect(run(join(checkout, "bin/plimsoll"), [], [tools])).toEqual({
      status: 0,
      stdout: "done",
      stderr: "building"
    })
  })

  it("says what to type when it is not built and cannot be", () => {
    pinNode()
    const result = run(join(checkout, "bin/plimsoll"), [], [tools])
    expect(result.status).toBe(1)
    expect(result.stderr).toBe(`plimsoll: it is not built. Type: npm ci (in ${checkout})\n`)
  })
})

describe("the install script", () => {
  const prepare = join("check out", "scripts/prepare.sh")

  it("links the pinned Node where npm scripts look first, and builds", () => {
    pinNode()
    write(join(checkout, "scripts/build.ts"), `process.stdout.write("built")`)
    expect(run("sh", [prepare], [oldNodeOnPath(), tools])).toEqual({ status: 0, stdout: "built", stderr: "" })
    expect(readlinkSync(join(checkout, "node_modules/.bin/node"))).toBe("../node-test-x64/bin/node")
    expect(run("sh", [prepare], [tools]).status).toBe(0)
  })

  it("says in one line that no Node is good enough", () => {
    const result = run("sh", [prepare], [oldNodeOnPath(), tools])
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/^plimsoll: no Node\.js 24 or newer was found\. Type: .*\n$/u)
    expect(existsSync(join(checkout, "node_modules"))).toBe(false)
  })
})

describe("the build", () => {
  const build = (...flags: ReadonlyArray<string>) =>
    spawnSync(process.execPath, [join(repository, "scripts/build.ts"), "--root", checkout, ...flags], {
      encoding: "utf8"
    })

  const source = (name: string, text: string): void => write(join(checkout, "src/programs/cli", name), text)

  /** Every program but the command line's. */
  const others = [
    "mcp/main.ts",
    "../options/library.ts",
    "../session/strategyLibrary.ts",
    "backtest/worker/worker.ts",
    "hooks/risk-validator/slow.ts",
    ...hookNames.map((name) => `hooks/${name}/main.ts`)
  ]

  it("names a missing entry", () => {
    const result = build()
    expect(result.status).toBe(1)
    expect(result.stderr).toBe("build: the entry src/programs/cli/main.ts is missing\n")
  })

  it("keeps the programs apart: the dispatcher loads only the one it needs", () => {
    source(
      "main.ts",
      `if (process.argv[2] === "status") void import("./short.ts").then((program) => program.run())
       else void import("./full.ts").then((program) => program.run())`
    )
    source("short.ts", `export const run = (): void => console.log("the short one")`)
    source("shortOnServer.ts", `export const run = (): void => console.log("the short one on a server")`)
    source(
      "full.ts",
      `export const run = (): void => void import("./drawing.ts").then((it) => it.draw())
       console.log("the full one")`
    )
    for (const path of others) write(join(checkout, "src/programs", path), `console.log("${path}")`)
    source("drawing.ts", `export const draw = (): void => console.log("a drawing")`)
    expect(build().stderr).toBe("")

    const text = (name: string) => readFileSync(join(checkout, "dist", name), "utf8")
    expect(text("main.cjs")).not.toContain("the short one")
    expect(text("full.cjs")).not.toContain("a drawing")
    const output = (argument: string) =>
      spawnSync(process.execPath, [join(checkout, "dist/plimsoll.cjs"), argument], { encoding: "utf8" })
        .stdout
    expect(output("status")).toBe("the short one\n")
    expect(output("run")).toBe("the full one\na drawing\n")

    const hook = spawnSync(process.execPath, [join(checkout, "dist/hooks/log-trade.cjs")], {
      encoding: "utf8"
    })
    expect(hook.stdout).toBe("hooks/log-trade/main.ts\n")

    expect(build("--if-stale").stdout).toBe("")
  })
})
