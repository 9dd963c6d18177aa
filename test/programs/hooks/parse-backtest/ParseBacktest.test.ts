import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { leanNumber } from "../../../../src/backtest/lean/LeanNumber.ts"
import { MAX_RESULT_BYTES } from "../../../../src/programs/hooks/parse-backtest/FindResult.ts"
import { backtestRuns } from "../../../../src/programs/hooks/parse-backtest/LeanCommand.ts"
import { figuresText, leanFigures } from "../../../../src/programs/hooks/parse-backtest/LeanResult.ts"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { runHookScript, toolEventOf } from "../HookProcess.ts"

const from = {
  cwd: "/desk",
  project: "/desk",
  environment: { HOME: "/me" },
  isFolder: () => true
}

const projects = (command: string): ReadonlyArray<string> =>
  backtestRuns(command, from).map(({ project }) => project)

describe("a command that runs a LEAN backtest", () => {
  it.each([
    ["lean backtest X", "/desk/X"],
    ["lean backtest X/main.py", "/desk/X"],
    ["lean backtest 'My Project'", "/desk/My Project"],
    ['lean backtest "My Project" --output out', "/desk/My Project"],
    ["/usr/local/bin/lean backtest X", "/desk/X"],
    ["~/.venv/bin/lean backtest X", "/desk/X"],
    ["bash -c 'lean backtest X'", "/desk/X"],
    ['bash -lc "cd algorithms && lean backtest X"', "/desk/algorithms/X"],
    ["cd algorithms && lean backtest X", "/desk/algorithms/X"],
    ["cd algorithms; lean backtest .", "/desk/algorithms"],
    ["A=b lean backtest X", "/desk/X"],
    ["env A=b lean backtest X", "/desk/X"],
    ["time lean backtest X", "/desk/X"],
    ["nohup lean backtest X > log.txt 2>&1 &", "/desk/X"],
    ["timeout 600 lean backtest X | tee log.txt", "/desk/X"],
    ["lean --verbose backtest X", "/desk/X"],
    ["lean backtest --parameter fast 10 --parameter slow 20 X", "/desk/X"],
    ["lean backtest --debug ptvsd --release --image foo:latest X", "/desk/X"],
    ["lean backtest --lean-config lean.json X", "/desk/X"],
    ["lean backtest --image=foo X", "/desk/X"],
    ['l"ea"n back\\test X', "/desk/X"],
    ["poetry run lean backtest X", "/desk/X"],
    ["python -m lean backtest X", "/desk/X"],
    ["P=algorithms/x; lean backtest $P", "/desk/algorithms/x"],
    ["if lean backtest X; then echo done; fi", "/desk/X"],
    ["(lean backtest X)", "/desk/X"],
    ["lean backtest /abs/X", "/abs/X"],
    ["echo start && lean backtest X && echo lean backtest Y", "/desk/X"]
  ])("is known: %s", (command, project) => {
    expect(projects(command)).toEqual([project])
  })

  it.each([
    "echo lean backtest X",
    'grep "lean backtest" notes.md',
    "grep -r 'lean backtest X' .",
    "# lean backtest X",
    "echo 'lean backtest X' > notes.md",
    "cat <<EOF\nlean backtest X\nEOF",
    "git commit -m 'lean backtest X'",
    "lean backtest --help",
    "lean backtest",
    "lean cloud backtest X",
    "lean optimize X",
    "lean live X",
    "clean backtest X",
    "man lean",
    "leanx backtest X",
    "python -m leanish backtest X",
    "ls",
    ""
  ])("is none: %s", (command) => {
    expect(projects(command)).toEqual([])
  })

  it("may run several, each told once", () => {
    expect(projects("lean backtest A && lean backtest B; lean backtest A")).toEqual(["/desk/A", "/desk/B"])
    expect(projects("for p in A B; do lean backtest $p; done")).toEqual(["/desk/A", "/desk/B"])
  })

  it("says where its results go", () => {
    expect(backtestRuns("lean backtest X --output ../out -d", from)).toEqual([
      { project: "/desk/X", output: "/out", detached: true }
    ])
    expect(backtestRuns("lean backtest --output=out X", from)).toMatchObject([
      { output: "/desk/out", detached: false }
    ])
  })
})

describe("LEAN's numbers", () => {
  it.each([
    ["2.034", 2.034],
    ["31.300%", 0.313],
    ["-0.5%", -0.005],
    ["$1,234.50", 1234.5],
    ["-$3.44", -3.44],
    ["1E-05", 0.00001],
    [7, 7],
    ["", undefined],
    ["NaN", undefined],
    ["∞", undefined],
    ["1e999", undefined],
    ["1.2.3", undefined],
    ["12 apples", undefined],
    [null, undefined]
  ])("%j is %s", (text, expected) => {
    if (expected === undefined) expect(leanNumber(text)).toBeUndefined()
    else expect(leanNumber(text)).toBeCloseTo(expected, 12)
  })
})

describeWithShared("the figures of a result", () => {
  const figures = (name: string) =>
    leanFigures(JSON.parse(readFileSync(sharedPath("lean-results", name), "utf8")))

  it.each(["sample-full.json", "sample-camelcase.json"])("are the same in both casings: %s", (name) => {
    expect(figures(name)).toEqual({
      sharpe: 8.8881,
      drawdown: -0.022,
      netReturn: 0.0169,
      annualReturn: 2.7145,
      probabilisticSharpe: 0.6761,
      orders: 1,
      fees: "$3.44",
      status: "Completed",
      error: undefined
    })
  })

  it("are read from the statistics where there is nothing more exact", () => {
    const found = figures("sample.json")
    expect(found).toMatchObject({ sharpe: 2.034, orders: 7, fees: "$0.65" })
    expect(found?.drawdown).toBeCloseTo(-0.313, 12)
    expect(found?.netReturn).toBeCloseTo(3.61374, 12)
  })
})

describe("the figures in words", () => {
  it("say what was not given", () => {
    const none = leanFigures({ statistics: { "Sharpe Ratio": "NaN" } })
    expect(none === undefined ? "" : figuresText(none)).toBe(
      "Sharpe not given; max drawdown not given; return not given; PSR not given; orders not given; fees not given"
    )
  })

  it("have no drawdown above nothing, whatever sign the file gives it", () => {
    for (const text of ["2%", "-2%"])
      expect(leanFigures({ statistics: { Drawdown: text } })?.drawdown).toBe(-0.02)
    expect(leanFigures({ statistics: { Drawdown: "0%" } })?.drawdown).toBe(0)
  })
})

const script = new URL("../../../../src/programs/hooks/parse-backtest/main.ts", import.meta.url)

/** A result as LEAN writes it, made for the tests. */
const made = JSON.stringify({
  statistics: {
    "Total Orders": "12",
    "Net Profit": "-3.100%",
    "Sharpe Ratio": "-0.4",
    Drawdown: "8.25%",
    "Probabilistic Sharpe Ratio": "4.2%",
    "Total Fees": "$12.00"
  },
  state: { Status: "Completed", RuntimeError: "" }
})
const FIGURES = "Sharpe -0.400; max drawdown -8.25%; return -3.10%; PSR 4.2%; orders 12; fees $12.00"

let project = ""
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "parse-backtest-")))
  mkdirSync(join(project, "algorithms/x"), { recursive: true })
})
afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

const leave = (path: string, text: string, agoSeconds = 0): string => {
  const file = join(project, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const at = Date.now() / 1000 - agoSeconds
  utimesSync(file, at, at)
  return file
}

const bash = (command: string, more: Readonly<Record<string, unknown>> = {}) =>
  toolEventOf(
    "PostToolUse",
    "Bash",
    { command },
    {
      cwd: project,
      tool_response: { stdout: "", stderr: "", interrupted: false },
      duration_ms: 30_000,
      ...more
    }
  )

const run = async (event: Record<string, unknown>) => {
  const { code, stdout, stderr } = await runHookScript(script, {
    stdin: JSON.stringify(event),
    environment: { CLAUDE_PROJECT_DIR: project }
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  if (stdout === "") return undefined
  const answer = JSON.parse(stdout)
  expect(Object.keys(answer)).toEqual(["hookSpecificOutput"])
  expect(answer.hookSpecificOutput.hookEventName).toBe(event["hook_event_name"])
  return String(answer.hookSpecificOutput.additionalContext)
}

describe("after a backtest", () => {
  it("the model is told the figures of the newest result", async () => {
    leave("algorithms/x/backtests/2026-11-25_10-00-00/1.json", '{"statistics":{"Sharpe Ratio":"9"}}', 86_400)
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2.json", made)
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2-order-events.json", "[]")
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2-summary.json", '{"statistics":{"Sharpe Ratio":"8"}}')
    leave("algorithms/x/backtests/2026-11-26_10-00-00/data-monitor-report-1.json", "{}")
    expect(await run(bash("lean backtest algorithms/x"))).toBe(
      `LEAN backtest of algorithms/x: 2026-11-26_10-00-00, 2.json: ${FIGURES}`
    )
  })

  it("they are found where --output put them", async () => {
    leave("out/7.json", made)
    expect(await run(bash("cd algorithms && lean backtest x --output ../out"))).toContain(FIGURES)
  })

  it("they are found when the shell stayed where the command's own cd led", async () => {
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2.json", made)
    const event = bash("cd algorithms && lean backtest x", { cwd: join(project, "algorithms") })
    expect(await run(event)).toContain(FIGURES)
  })

  it("an earlier result is not taken for this run's", async () => {
    leave("algorithms/x/backtests/2026-11-25_10-00-00/1.json", made, 3_600)
    const text = await run(bash("lean backtest algorithms/x"))
    expect(text).toContain("it left no result in algorithms/x/backtests. There are no figures for it")
    expect(text).toContain("2026-11-25_10-00-00 are of an earlier run")
    expect(text).not.toContain("Sharpe")
  })

  it("a run that left nothing says so", async () => {
    expect(await run(bash("lean backtest algorithms/x"))).toBe(
      "LEAN backtest of algorithms/x: it left no result in algorithms/x/backtests. There are no figures for it."
    )
  })

  it("a run that failed says so", async () => {
    const event = {
      ...bash("lean backtest algorithms/x", { error: "Exit code 1\nError: no Docker" }),
      hook_event_name: "PostToolUseFailure"
    }
    expect(await run(event)).toContain("the command failed: Exit code 1\nError: no Docker. it left no result")
  })

  it("a run that was interrupted says so", async () => {
    const event = bash("lean backtest algorithms/x", {
      tool_response: { stdout: "", stderr: "", interrupted: true }
    })
    expect(await run(event)).toContain("the command was interrupted")
  })

  it("an algorithm that broke off says so before its figures", async () => {
    const broken = made.replace(
      '"Completed","RuntimeError":""',
      '"RuntimeError","RuntimeError":"division by zero"'
    )
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2.json", broken)
    expect(await run(bash("lean backtest algorithms/x"))).toContain(
      `the algorithm did not end well (division by zero); until then: ${FIGURES}`
    )
  })

  it.each(["lean backtest algorithms/x --detach", "lean backtest -d algorithms/x"])(
    "a run that goes on by itself has no figures yet: %s",
    async (command) => {
      expect(await run(bash(command))).toContain("it runs on by itself")
    }
  )

  it.each([
    ["half a file", made.slice(0, -20)],
    ["no statistics", "{}"],
    ["a list", "[]"],
    ["nothing", ""]
  ])("a result that cannot be read is not guessed at: %s", async (_, text) => {
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2.json", text)
    expect(await run(bash("lean backtest algorithms/x"))).toContain("no LEAN result that can be read")
  })

  it("a result larger than can be read gives way to its summary", async () => {
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2.json", " ".repeat(MAX_RESULT_BYTES + 1))
    expect(await run(bash("lean backtest algorithms/x"))).toContain("too large to be read")
    leave("algorithms/x/backtests/2026-11-26_10-00-00/2-summary.json", made)
    expect(await run(bash("lean backtest algorithms/x"))).toContain(FIGURES)
  })

  it("of several each is told, up to five", async () => {
    const command = "abcdefg"
      .split("")
      .map((name) => `lean backtest algorithms/${name}`)
      .join("; ")
    const lines = (await run(bash(command)))?.split("\n") ?? []
    expect(lines).toHaveLength(6)
    expect(lines.at(-1)).toBe("2 more backtests are not shown.")
  })

  it("of anything else not a word is said", async () => {
    expect(await run(bash("echo lean backtest algorithms/x"))).toBeUndefined()
    expect(await run(bash("ls"))).toBeUndefined()
  })
})

describeWithShared("after a backtest whose result is LEAN's own", () => {
  it.each(["sample.json", "sample-full.json", "sample-camelcase.json"])(
    "the model is told its figures: %s",
    async (name) => {
      const file = leave("algorithms/x/backtests/2026-11-26_10-00-00/1.json", "")
      copyFileSync(sharedPath("lean-results", name), file)
      const text = await run(bash("lean backtest algorithms/x"))
      expect(text).toMatch(
        /Sharpe \d+\.\d{3}; max drawdown -\d+\.\d\d%; return \+\d+\.\d\d% \(\+\d+\.\d\d% a year\); PSR \d+\.\d%; orders \d; fees \$\d+\.\d\d$/u
      )
    }
  )
})
