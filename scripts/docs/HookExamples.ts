/** Real events and what the hooks answer: each is run as the client runs it, in a project of its own. */
import { spawnSync } from "node:child_process"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { HookName } from "../../src/programs/hooks/HookNames.ts"
import { marketDataServer } from "../../src/programs/mcp/market-data/MarketDataServer.ts"
import { serveDesk } from "../../test/programs/mcp/McpDesk.ts"

type Json = Readonly<Record<string, unknown>>

export interface HookExample {
  readonly hook: HookName
  /** What is shown. */
  readonly title: string
  readonly event: Json
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Lines the hook wrote to a file, and which. */
  readonly wrote?: { readonly file: string; readonly line: string } | undefined
}

const FOLDER = "/home/you/plimsoll"
const DIFF_HASH = "ca6e6fb831fedf600d47f0af46b2d04594cfd00e7b5d1576b1bce69b134ab82e"
const COPIED = [".mcp.json", ".claude", "plimsoll.json"]
const LINKED = ["bin", "dist", "scripts", "node_modules", "package.json", "src"]

/** A checkout in which a hook may write: its settings and a new desk are its own, its programs the repository's. */
const makeProject = (root: string): string => {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-docs-")))
  for (const name of COPIED) cpSync(join(root, name), join(project, name), { recursive: true })
  rmSync(join(project, ".claude/settings.local.json"), { force: true })
  for (const name of LINKED) symlinkSync(join(root, name), join(project, name))
  return project
}

const write = (project: string, path: string, text: string): void => {
  const file = join(project, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A LEAN result as far as it is read. */
const leanResult = {
  statistics: {
    "Total Orders": "84",
    "Compounding Annual Return": "9.412%",
    Drawdown: "11.300%",
    "Net Profit": "31.006%",
    "Sharpe Ratio": "0.642",
    "Probabilistic Sharpe Ratio": "31.875%",
    "Total Fees": "$84.00"
  }
}

/** The last line of the newest log of the hook, and its place. */
const lastLine = (
  project: string,
  pattern: RegExp
): { readonly file: string; readonly line: string } | undefined => {
  const folder = join(project, ".plimsoll/trades")
  const file = readdirSync(folder).find((name) => pattern.test(name))
  if (file === undefined) return undefined
  const line = readFileSync(join(folder, file), "utf8").trim().split("\n").at(-1) ?? ""
  return { file: `.plimsoll/trades/${file.replace(/^\d{4}-\d\d-\d\d/u, "2026-01-02")}`, line }
}

const settledText = (text: string, project: string): string =>
  text
    .replaceAll(project, FOLDER)
    .replaceAll(/"time":"[^"]*"/gu, '"time":"2026-01-02T15:04:05.000Z"')
    // It is made of the file's place too.
    .replaceAll(/"diff_hash":"[0-9a-f]{64}"/gu, `"diff_hash":"${DIFF_HASH}"`)
    .trimEnd()

/** The events, in the order in which they happen. */
export const hookExamples = async (root: string): Promise<ReadonlyArray<HookExample>> => {
  const project = makeProject(root)
  const home = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-docs-home-")))
  const examples: Array<HookExample> = []
  const about = (name: string): Json => ({
    session_id: "5b1f0c9a-7c1e-4c53-9d6e-2f6f4d1a8e90",
    transcript_path: `${home}/.claude/projects/plimsoll/5b1f0c9a.jsonl`,
    cwd: project,
    hook_event_name: name
  })
  const tool = (name: string, toolName: string, input: Json, more: Json = {}): Json => ({
    ...about(name),
    permission_mode: "default",
    tool_name: toolName,
    tool_input: input,
    tool_use_id: `toolu_01${String(examples.length).padStart(22, "0")}`,
    ...more
  })
  const run = (hook: HookName, title: string, event: Json, log?: RegExp): void => {
    const { status, stderr, stdout } = spawnSync(join(project, ".claude/hooks", `${hook}.sh`), [], {
      cwd: project,
      input: JSON.stringify(event),
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home, CLAUDE_PROJECT_DIR: project }
    })
    const wrote = log === undefined ? undefined : lastLine(project, log)
    const shown: unknown = JSON.parse(
      settledText(JSON.stringify(event), project).replaceAll(home, "/home/you")
    )
    examples.push({
      hook,
      title,
      event: typeof shown === "object" && shown !== null ? { ...shown } : {},
      code: status,
      out: settledText(stdout, project),
      err: settledText(stderr, project),
      wrote: wrote === undefined ? undefined : { ...wrote, line: settledText(wrote.line, project) }
    })
  }

  try {
    run("load-context", "A session begins", { ...about("SessionStart"), source: "startup" })

    const market = await serveDesk(marketDataServer, { folder: project })
    const quote = (await market.call("get_quote", { symbol: "AAPL" })).value["quote_id"]
    await market.close()
    const order = { symbol: "AAPL", side: "BUY", quantity: "5", quote_id: quote, rationale: "a first share" }
    const place = "mcp__broker__place_order"
    run("risk-validator", "An order within the limits", tool("PreToolUse", place, order))
    run("risk-validator", "An order over a limit", tool("PreToolUse", place, { ...order, quantity: "500" }))
    run("risk-validator", "Not an event at all", {})

    const answer = JSON.stringify({ order: { order_id: "o-b32e6e2a0723c0dcbb9f9442", status: "Filled" } })
    const logged = tool("PostToolUse", place, order, { tool_response: answer, duration_ms: 61 })
    run("log-trade", "An order that was placed", logged, /^\d{4}-\d\d-\d\d\.jsonl$/u)

    const lean = "cd algorithms && lean backtest sma-cross"
    write(project, "algorithms/sma-cross/main.py", "# a strategy\n")
    write(project, "algorithms/sma-cross/backtests/2026-01-02_15-04-05/1.json", JSON.stringify(leanResult))
    run(
      "parse-backtest",
      "A LEAN backtest that ended",
      tool(
        "PostToolUse",
        "Bash",
        { command: lean },
        { tool_response: { stdout: "", stderr: "" }, duration_ms: 41_000 }
      )
    )

    const edit = {
      file_path: join(project, "algorithms/sma-cross/main.py"),
      old_string: "a strategy",
      new_string: "a better strategy"
    }
    run(
      "algo-change-guard",
      "A change to an algorithm",
      tool("PreToolUse", "Edit", edit),
      /^algorithm-changes/u
    )
    run(
      "algo-change-guard",
      "A person's command in the shell",
      tool("PreToolUse", "Bash", { command: "bash -c './bin/plimsoll resume \"all is well\"'" })
    )
    const settings = join(project, ".claude/settings.json")
    writeFileSync(settings, "{}")
    run("algo-change-guard", "Settings that were emptied while the session runs", {
      ...about("ConfigChange"),
      source: "project_settings",
      file_path: settings
    })
    return examples
  } finally {
    rmSync(project, { recursive: true, force: true })
    rmSync(home, { recursive: true, force: true })
  }
}
