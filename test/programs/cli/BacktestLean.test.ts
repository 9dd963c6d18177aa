/** `plimsoll backtest run` of a LEAN project: handed to `lean`, kept as this program's own, failures in words. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { installedLean, leanProjectIn } from "../../support/lean/Installed.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 60_000 })

const { folder } = inNewFolder()

const before = { ...process.env }
const install = (mode: string): void => {
  leanProjectIn(folder())
  Object.assign(process.env, installedLean(folder(), mode).environment)
}
beforeEach(() => {
  leanProjectIn(folder())
})
afterEach(() => {
  for (const name of ["PATH", "LEAN_STAND_IN", "LEAN_STAND_IN_ACTS"]) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

describe("a LEAN project", () => {
  it("that lean plays is kept, counted, shown and compared; its log is on standard error", async () => {
    install("current")
    const ran = await plimsoll(["backtest", "run", "cross", "--param", "fast=8"])
    expect(ran.code).toBe(0)
    expect(ran.err).toContain("LEAN ALGORITHMIC TRADING ENGINE")
    expect(ran.out).toMatch(/^! LEAN: NONE OF THE DESK'S LIMITS WERE IN FORCE: not promotable/u)
    expect(ran.out).toContain("Trials        1 on this data so far")
    const second = await plimsollJson(["backtest", "run", "cross"])
    expect(second).toMatchObject({
      algorithm: "cross",
      algorithm_kind: "lean",
      parameters: { fast: 5, slow: 50 },
      limits: { name: "lean", promotable: false }
    })
    const list = Object(await plimsollJson(["backtest", "list"]))
    const ids: ReadonlyArray<string> = list["backtests"].map((one: object) => Object(one)["backtest_id"])
    expect(ids).toHaveLength(2)
    const { out } = await plimsoll(["backtest", "compare", ...ids])
    expect(out).toMatch(/parameters +fast=5 mode=daily +fast=8 mode=none/u)
  })

  it.each([
    ["nowhere", "there is no lean on the PATH"],
    ["no-docker", "Docker is not installed"],
    ["no-result", "lean ended well and left no result"]
  ])("without what it needs (%s) says what is missing", async (mode, message) => {
    install(mode)
    if (mode === "nowhere") process.env["PATH"] = "/nowhere"
    const ran = await plimsoll(["backtest", "run", "cross"])
    expect(ran.code).toBe(1)
    expect(ran.err + ran.out).toContain(message)
  })

  it("that fails is kept as failed", async () => {
    install("algorithm-error")
    const ran = await plimsoll(["backtest", "run", "cross", "--param", "slow=60"])
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/Failed +lean: the algorithm failed: /u)
    expect(await plimsollJson(["backtest", "list", "--limit", "1"])).toMatchObject({
      backtests: [{ outcome: "failed", failure: { kind: "lean" } }]
    })
  })

  it("takes parameters and a time limit, and nothing that its own code says", async () => {
    install("current")
    const ran = await plimsoll(["backtest", "run", "cross", "--from", "2020-01-02"])
    expect(ran.code).toBe(64)
    expect(ran.err).toContain("leave out everything but --param, --knowledge-cutoff and --time-limit")
  })
})
