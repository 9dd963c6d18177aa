import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { hookNames } from "../../../src/programs/hooks/HookNames.ts"
import { buildIfStale } from "../../e2e/Program.ts"
import { startProcess, toolEventOf } from "./HookProcess.ts"

const repository = fileURLToPath(new URL("../../../", import.meta.url))

let root = ""
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "launchers of hooks ")))
  mkdirSync(join(root, ".claude/hooks"), { recursive: true })
  mkdirSync(join(root, "scripts"))
  copyFileSync(join(repository, "scripts/find-node.sh"), join(root, "scripts/find-node.sh"))
  // All that a launcher needs, and no Node: the pinned one is found, or none.
  mkdirSync(join(root, "tools"))
  const folders = (process.env["PATH"] ?? "").split(":")
  for (const tool of ["cat", "readlink"]) {
    const found = folders.map((folder) => join(folder, tool)).find((path) => existsSync(path))
    symlinkSync(found ?? `/bin/${tool}`, join(root, "tools", tool))
  }
  for (const name of hookNames) {
    copyFileSync(join(repository, `.claude/hooks/${name}.sh`), join(root, `.claude/hooks/${name}.sh`))
  }
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const withNode = (): void => {
  mkdirSync(join(root, "node_modules/node-test/bin"), { recursive: true })
  symlinkSync(process.execPath, join(root, "node_modules/node-test/bin/node"))
}

const withHook = (name: string, code: string): void => {
  mkdirSync(join(root, "dist/hooks"), { recursive: true })
  writeFileSync(join(root, `dist/hooks/${name}.cjs`), code)
}

const launch = async (
  path: string,
  {
    stdin = "",
    cwd = root,
    args = []
  }: { readonly stdin?: string; readonly cwd?: string; readonly args?: ReadonlyArray<string> } = {}
) => {
  const { child, ended } = startProcess(path, args, { environment: { PATH: join(root, "tools") }, cwd })
  child.stdin?.end(stdin)
  return ended
}

const bash = (command: string): string => JSON.stringify(toolEventOf("PreToolUse", "Bash", { command }))

const guarding = ["risk-validator", "algo-change-guard"]
const others = hookNames.filter((name) => !guarding.includes(name))

it("there is a launcher for each hook, and no other", () => {
  const found = readdirSync(join(repository, ".claude/hooks")).filter((name) => name.endsWith(".sh"))
  expect(new Set(found)).toEqual(new Set(hookNames.map((name) => `${name}.sh`)))
})

describe("a launcher", () => {
  it.each(hookNames)("runs the bundle of its hook, through a link and from any folder: %s", async (name) => {
    withNode()
    withHook(
      name,
      'process.stdin.on("data", (text) => process.stdout.write(text)); process.stderr.write("ran")'
    )
    const expected = { code: 0, signal: null, stdout: "event", stderr: "ran" }
    const path = join(root, `.claude/hooks/${name}.sh`)
    expect(await launch(path, { stdin: "event", cwd: "/" })).toEqual(expected)
    symlinkSync(path, join(root, "link.sh"))
    mkdirSync(join(root, "sub"))
    symlinkSync("../link.sh", join(root, "sub/relative.sh"))
    expect(await launch(join(root, "sub/relative.sh"), { stdin: "event", cwd: "/" })).toEqual(expected)
    expect(
      await launch("/bin/sh", { args: [`${name}.sh`], stdin: "event", cwd: join(root, ".claude/hooks") })
    ).toEqual(expected)
  })

  it.each(guarding)("of a guard blocks whatever ends it otherwise than well: %s", async (name) => {
    withNode()
    const path = join(root, `.claude/hooks/${name}.sh`)
    for (const code of [
      "process.exit(2)",
      "process.exit(1)",
      "process.exit(127)",
      "throw new Error('broken')",
      "this is no program",
      "process.kill(process.pid, 'SIGKILL')",
      "process.abort()"
    ]) {
      withHook(name, code)
      expect((await launch(path)).code).toBe(2)
    }
  })

  it.each(guarding)("of a guard blocks when its program is empty: %s", async (name) => {
    withNode()
    withHook(name, "")
    const { code, stderr } = await launch(join(root, `.claude/hooks/${name}.sh`), { stdin: bash("ls") })
    expect(code).toBe(2)
    expect(stderr).toContain("it is not built")
  })

  it.each(guarding)("of a guard blocks when find-node.sh is missing, in any shell: %s", async (name) => {
    withHook(name, "process.exit(0)")
    rmSync(join(root, "scripts/find-node.sh"))
    const path = join(root, `.claude/hooks/${name}.sh`)
    // On some systems /bin/sh is bash, which then ends with 1 by itself.
    for (const [shell, ...args] of [["/bin/sh"], ["/bin/bash", "--posix"]] as const) {
      const { code, stderr } = await launch(shell, { args: [...args, path], stdin: bash("ls") })
      expect({ shell, code }).toEqual({ shell, code: 2 })
      expect(stderr).toContain("scripts/find-node.sh is missing")
    }
  })

  it.each(others)("of another hook passes its exit code on: %s", async (name) => {
    withNode()
    withHook(name, "process.exit(1)")
    expect((await launch(join(root, `.claude/hooks/${name}.sh`))).code).toBe(1)
  })
})

describe("as they are built", () => {
  beforeAll(buildIfStale)

  it.each(guarding)("a guard whose program is empty blocks: %s", async (name) => {
    mkdirSync(join(root, "dist/hooks"), { recursive: true })
    copyFileSync(join(repository, `dist/hooks/${name}.cjs`), join(root, `dist/hooks/${name}.cjs`))
    writeFileSync(join(root, `dist/hooks/${name}.main.cjs`), "")
    withNode()
    expect((await launch(join(root, `.claude/hooks/${name}.sh`), { stdin: bash("ls") })).code).toBe(2)
    for (const program of ["plimsoll", "main"]) {
      copyFileSync(join(repository, `dist/${program}.cjs`), join(root, `dist/${program}.cjs`))
    }
    const args = [join(root, "dist/plimsoll.cjs"), "hook", name]
    expect((await launch(process.execPath, { args, stdin: bash("ls") })).code).toBe(2)
  })
})

describe("in a fresh checkout", () => {
  it("no order is let through", async () => {
    const { code, stdout, stderr } = await launch(join(root, ".claude/hooks/risk-validator.sh"))
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("npm ci")
  })

  it.each(hookNames.filter((name) => name !== "risk-validator"))(
    "nothing else is blocked, and it is said: %s",
    async (name) => {
      const { code, stdout, stderr } = await launch(join(root, `.claude/hooks/${name}.sh`), {
        stdin: bash("npm ci")
      })
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" })
      expect(stderr).toContain("npm ci")
    }
  )
})

describe.each([
  ["a build without the guard", () => mkdirSync(join(root, "dist"))],
  ["the old build moved away and the new one not there yet", () => mkdirSync(join(root, "dist.4711.old"))],
  ["a build without Node", () => withHook("algo-change-guard", "process.exit(0)")]
])("with %s", (_, prepare) => {
  const guard = (): string => join(root, ".claude/hooks/algo-change-guard.sh")

  it.each(["npm ci", "npm install", "npm run build"])("what mends it is let through: %s", async (command) => {
    prepare()
    expect(await launch(guard(), { stdin: bash(command) })).toMatchObject({ code: 0, stdout: "" })
  })

  it.each([
    bash("npm ci; plimsoll resume"),
    bash('echo \'"command":"npm ci"\''),
    bash("ls"),
    JSON.stringify(toolEventOf("PreToolUse", "Write", { file_path: "/x", content: '"command":"npm ci"' })),
    ""
  ])("nothing else is: %s", async (stdin) => {
    prepare()
    const { code, stdout, stderr } = await launch(guard(), { stdin })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("only npm ci")
  })
})
