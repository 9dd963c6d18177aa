/**
 * A temporary project in which the client finds Plimsoll as a person who cloned it does: the repository's own
 * .mcp.json, .claude/ and CLAUDE.md are copied, so that a scenario may spoil them; launchers and bundles are
 * links to the checkout, which no scenario writes to. The desk is new.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { join, resolve } from "node:path"
import { writeInto, withPlay, type Play } from "./harness/Play.ts"
import type { Script, Step } from "./harness/Script.ts"
import { call } from "./harness/Script.ts"

export const repository = resolve(import.meta.dirname, "../..")

const COPIED = [".mcp.json", ".claude", "CLAUDE.md", "algorithms"]
const LINKED = ["bin", "dist", "scripts", "node_modules", "package.json"]

export const VALIDATOR = ".claude/hooks/risk-validator.sh"
export const SETTINGS = ".claude/settings.json"

/** Lets the client call the desk's tools without asking anybody, as unattended use does. */
export const UNATTENDED: ReadonlyArray<string> = [
  "--allowedTools",
  "mcp__market-data,mcp__broker,mcp__portfolio,mcp__backtest,Agent"
]

/** Everything is permitted, as on a machine that was made for it; IS_SANDBOX says so where the user is root. */
export const BYPASSING: ReadonlyArray<string> = ["--permission-mode", "bypassPermissions"]

/** Types a command at the desk, as a person does. */
export const plimsoll = (project: string, ...args: ReadonlyArray<string>): string => {
  const ran = spawnSync(join(repository, "bin/plimsoll"), args, { cwd: project, encoding: "utf8" })
  if (ran.status !== 0) {
    throw new Error(`plimsoll ${args.join(" ")} ended with ${ran.status}:\n${ran.stdout}${ran.stderr}`)
  }
  return ran.stdout
}

const makeProject = (project: string): void => {
  for (const name of COPIED) {
    const from = join(repository, name)
    if (existsSync(from)) cpSync(from, join(project, name), { recursive: true })
  }
  // A person's own settings are no part of the project.
  rmSync(join(project, ".claude/settings.local.json"), { force: true })
  for (const name of LINKED) symlinkSync(join(repository, name), join(project, name))
  plimsoll(project, "init")
}

export interface DeskPlayOptions {
  /** Done to the finished project before the client starts. */
  readonly prepare?: (project: string) => void
}

/** A play in such a project. */
export const withDesk = <A>(
  script: Script | ((project: () => string) => Script),
  body: (play: Play) => Promise<A>,
  { prepare }: DeskPlayOptions = {}
): Promise<A> => {
  let folder = ""
  return withPlay(
    {
      script: typeof script === "function" ? script(() => folder) : script,
      prepare: (project) => {
        folder = project
        makeProject(project)
        prepare?.(project)
      },
      environment: { IS_SANDBOX: "1" }
    },
    body
  )
}

/** Replaces a hook by a shell script of these lines. */
export const replaceHook = (project: string, name: string, lines: string): void => {
  const path = `.claude/hooks/${name}.sh`
  rmSync(join(project, path), { force: true })
  writeInto(project, path, `#!/bin/sh\n${lines}\n`, 0o755)
}

/** The first line of an agent's prompt: no other system prompt has it. */
export const agentMarker = (name: string): string => {
  const text = readFileSync(join(repository, ".claude/agents", `${name}.md`), "utf8")
  const prompt = text.slice(text.indexOf("\n---", 3) + 4)
  const line = prompt.split("\n").find((candidate) => candidate.trim() !== "")
  if (line === undefined) throw new Error(`.claude/agents/${name}.md has no prompt`)
  return line.trim()
}

export const PLACE = "mcp__broker__place_order"

export const quote = (symbol = "SPX-REPLAY"): Step => call("mcp__market-data__get_quote", { symbol })

/** An order that cites the newest quote. */
export const order = (terms: Readonly<Record<string, string>>, callId?: string): Step =>
  call(
    PLACE,
    (seen) => ({
      symbol: "SPX-REPLAY",
      side: "BUY",
      quote_id: seen.field("quote_id"),
      rationale: "a scenario",
      ...terms
    }),
    callId
  )

/** Within every limit of a new desk, as the other one is. */
export const small = order({ quantity: "2" })
export const other = order({ quantity: "1" })

/** About 45% of the new desk's equity, which lets no order be over 10% and no position over 25%. */
export const tooLarge = order({ quantity: "20" })

/** Changes a file by replacing a text that must be there. */
export const change = (project: string, path: string, pattern: RegExp, replacement: string): void => {
  const text = readFileSync(join(project, path), "utf8")
  const changed = text.replaceAll(pattern, replacement)
  if (changed === text) throw new Error(`${path} has nothing like ${String(pattern)}`)
  writeInto(project, path, changed)
}

/** A slow hook is waited for no longer than a test likes. */
export const hurried = (project: string): void =>
  change(project, SETTINGS, /"timeout": 10\b/gu, `"timeout": 2`)

/** Hooks that fail block nothing then, as with clients that do not know `onFailure`. */
export const failOpen = (project: string): void => change(project, SETTINGS, /,\s*"onFailure": "block"/gu, "")

/**
 * No hooks at all, and a broker that asks for no permit, as no shipped file starts it: what is stopped then, the
 * broker's own rules stop.
 */
export const brokerAlone = (project: string): void => {
  writeInto(project, SETTINGS, {})
  change(project, ".mcp.json", /,\s*"--require-permit"/gu, "")
}
