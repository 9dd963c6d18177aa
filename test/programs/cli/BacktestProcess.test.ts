/** Backtests as processes: interrupted, killed while they write, several at once. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { BacktestResult } from "../../../src/backtest/BacktestResult.ts"
import { buildIfStale, newProject, type Ran, runProgram } from "../../e2e/Program.ts"

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const project = newProject()
const backtests = join(project.folder, ".plimsoll", "backtests")

/** In and out by the month; some milliseconds a bar. */
const slow = `import { defineStrategy } from "plimsoll/strategy"

const step = (): void => {
  for (let sum = 0, i = 0; i < 4_000_000; i++) sum += i
}

export default defineStrategy({
  name: "slow",
  title: "Slow",
  summary: "Slow.",
  instruments: { least: 1, most: 1 },
  parameters: {},
  make: () => ({
    onBar: ({ instruments, sessionIndex }) => {
      step()
      const [first] = instruments
      const weight = sessionIndex % 40 < 20 ? 0 : 0.2
      return first === undefined ? [] : [{ instrumentId: first.id, weight, reason: "the turn of the month" }]
    }
  })
})
`

const endless = slow.replaceAll("slow", "endless").replace("i < 4_000_000", "sum >= 0")

beforeAll(() => {
  buildIfStale()
  mkdirSync(join(project.folder, "algorithms"))
  writeFileSync(join(project.folder, "algorithms", "endless.ts"), endless)
  writeFileSync(join(project.folder, "algorithms", "slow.ts"), slow)
  writeFileSync(
    join(project.folder, "algorithms", "ender.ts"),
    slow.replaceAll("slow", "ender").replace("      step()\n", "      process.exit(0)\n")
  )
})
afterAll(() => project.remove())

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(BacktestResult))

/** The result of each backtest that there is: all of them whole. */
const results = () =>
  readdirSync(backtests)
    .map((id) => join(backtests, id, "result.json"))
    .filter((file) => existsSync(file))
    .map((file) => decode(readFileSync(file, "utf8")))

const hashOf = ({ outcome }: BacktestResult): string =>
  outcome._tag === "Finished" ? outcome.hash : "failed"

/** Ctrl-C while it plays: how long a process takes to begin depends on the machine, so later and later until it has. */
const interrupted = async (args: ReadonlyArray<string>, hasBegun: (ran: Ran) => boolean) => {
  for (let afterMillis = 1500; ; afterMillis = Math.round(afterMillis * 1.3)) {
    const ran = await runProgram(project.folder, args, { end: { afterMillis, signal: "SIGINT" } })
    // Without an exit code it was gone before it could listen.
    const isBeforeIt = ran.code === null || (ran.code === 130 && !hasBegun(ran))
    if (!isBeforeIt || afterMillis > 60_000) return ran
  }
}

const json = (text: string): unknown => JSON.parse(text)

describe("a backtest that is a process", () => {
  it("is interrupted by Ctrl-C, tells the command that goes on, and comes to the same result by it", async () => {
    const ran = await interrupted(["backtest", "run", "slow", "--from", "2018-01-02"], ({ err }) =>
      /interrupted after [1-9]/u.test(err)
    )
    expect(ran.code).toBe(130)
    expect(ran.out).toBe("")
    const [, done, command] =
      /interrupted after (\d+) of 577 sessions; \S+ (backtest run --resume --id slow-[0-9a-f]{10}) goes on where it stopped/u.exec(
        ran.err
      ) ?? []
    expect(Number(done)).toBeGreaterThan(0)
    expect(results()).toEqual([])
    const list = await project.run(["backtest", "list", "--json"])
    expect(json(list.out)).toMatchObject({
      backtests: [{ outcome: "interrupted", sessions: 577 }],
      trials: []
    })

    const resumed = await project.run([...(command ?? "").split(" "), "--json"])
    expect(resumed.err).toBe("")
    expect(resumed.code).toBe(0)
    const [first] = results()
    // Its own command gives it again; the store would refuse another result.
    const again = await project.run(["backtest", "run", "slow", "--from", "2018-01-02", "--json"])
    expect(again.code).toBe(0)
    expect(results().map(hashOf)).toEqual([first === undefined ? "" : hashOf(first)])
    expect(json(again.out)).toMatchObject({ backtest_id: first?.id, trials: 1, sessions: 577 })
  })

  it("looks for look-ahead in this thread, and Ctrl-C ends a strategy that never comes back", async () => {
    const args = ["backtest", "lookahead", "endless"]
    const ran = await interrupted(args, ({ out }) => out !== "")
    expect(ran.code).toBe(130)
    expect(ran.out).toContain("interrupted: the cuts that are left were not looked at")
  })

  it("that a strategy ends before there is an answer has not ended well", async () => {
    const ended = await project.run([
      "backtest",
      "lookahead",
      "ender",
      "--from",
      "2019-01-02",
      "--to",
      "2019-03-01"
    ])
    expect([ended.code, ended.out]).toEqual([1, ""])
    expect(ended.err).toContain("the process ended before there was an answer")
  })

  it("goes on with a look-ahead check that was interrupted, and finds what it would have found", async () => {
    const args = [
      "backtest",
      "lookahead",
      "slow",
      "--from",
      "2019-01-02",
      "--to",
      "2019-03-01",
      "--cuts",
      "12",
      "--json"
    ]
    const folder = join(backtests, "unfinished")
    const kept = (): ReadonlyArray<string> => (existsSync(folder) ? readdirSync(folder) : [])
    const ran = await interrupted(args, ({ out }) => /"cuts": [1-9]/u.test(out))
    expect(ran.code).toBe(130)
    expect(json(ran.out)).toMatchObject({ partial: true })
    const [, command] = /interrupted; \S+ (backtest lookahead slow .*--resume) goes on/u.exec(ran.err) ?? []
    expect(kept().filter((name) => name.startsWith("slow-"))).toHaveLength(1)
    const resumed = await project.run([...(command ?? "").split(" "), "--json"])
    expect([resumed.code, resumed.err]).toEqual([0, ""])
    const whole = await project.run(args)
    expect(json(resumed.out)).toEqual(json(whole.out))
    expect(json(whole.out)).toMatchObject({ clean: true, partial: false })
    // Nothing is left of a finished one.
    expect(kept().filter((name) => name.startsWith("slow-"))).toEqual([])
    const none = await project.run([...args, "--resume"])
    expect(none.code).toBe(64)
    expect(none.err).toContain("Leave --resume out")
  })

  it("goes on with paths that were interrupted, to the same figures", async () => {
    const returns = Array.from({ length: 5000 }, (_, i) => (0.01 * Math.sin(i * i)).toFixed(6))
    writeFileSync(join(project.folder, "returns.txt"), returns.join("\n"))
    const args = ["backtest", "monte-carlo", "--returns", "returns.txt", "--method", "block"]
    const many = [...args, "--paths", "400000", "--json"]
    // On one thread it takes longer than a process takes to begin, on any machine.
    const ran = await interrupted([...many, "--workers", "1"], ({ err }) => err.includes("--resume"))
    expect([ran.code, ran.out]).toEqual([130, ""])
    const [, command] = /interrupted; \S+ (backtest monte-carlo .*--resume) goes on/u.exec(ran.err) ?? []
    const resumed = await project.run([...(command ?? "").split(" "), "--json"])
    expect([resumed.code, resumed.err]).toEqual([0, ""])
    expect(json(resumed.out)).toEqual(json((await project.run(many)).out))
  })

  it("leaves nothing half when it is killed, whenever that is", async () => {
    for (let n = 0; n < 5; n++) {
      const args = ["backtest", "run", "sma-cross", "--seed", String(n), "--json"]
      await runProgram(project.folder, args, { end: { afterMillis: 900 + 240 * n, signal: "SIGKILL" } })
    }
    const list = await project.run(["backtest", "list", "--json", "--limit", "100"])
    expect(list.code).toBe(0)
    expect(list.out).not.toContain('"damaged"')
    // Every one that there is decodes.
    results()
    const ran = await project.run(["backtest", "run", "sma-cross", "--seed", "0", "--json"])
    expect(ran.code).toBe(0)
    expect(json(ran.out)).toMatchObject({ outcome: "finished", seed: 0 })
    expect(results().filter(({ inputs }) => inputs.algorithm.name === "sma-cross").length).toBeGreaterThan(0)
  })

  it("is counted once a run when several are at it", async () => {
    const args = ["backtest", "run", "sma-cross", "--from", "2015-01-02", "--limits", "research", "--json"]
    const ran = await Promise.all(Array.from({ length: 4 }, () => project.run(args)))
    expect(ran.map(({ code, err }) => [code, err])).toEqual(ran.map(() => [0, ""]))
    const ids = new Set(ran.map(({ out }) => String(Object(json(out))["backtest_id"])))
    const hashes = new Set(ran.map(({ out }) => String(Object(json(out))["hash"])))
    expect([ids.size, hashes.size]).toEqual([1, 1])
    const list = Object(json((await project.run(["backtest", "list", "--json"])).out))
    const counts: ReadonlyArray<{ readonly trials: number; readonly runs: number }> = list["trials"]
    const [counted] = counts
    // Four more runs of one trial.
    expect((counted?.runs ?? 0) - (counted?.trials ?? 0)).toBeGreaterThanOrEqual(3)
  })
})
