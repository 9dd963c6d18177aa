import { expect, it } from "vitest"
import { emptyLog, type LeanLog, withLine } from "../../../src/programs/backtest/LeanLog.ts"

const after = (...lines: ReadonlyArray<string>): LeanLog => lines.reduce(withLine, emptyLog)

const begin = [
  "20231007 17:14:06.123 TRACE:: Engine.Main(): LEAN ALGORITHMIC TRADING ENGINE v2.5.0.0 Mode: DEBUG (64bit) Host: here",
  "2022-11-25T15:04:39.0912471Z TRACE:: Dates: Start: 01/01/2023 End: 01/10/2023 Cash: ¤250,000.50 MaximumRuntime: 100.00:00:00"
]
const stream =
  "2022-11-25T15:04:39.1985939Z TRACE:: AlgorithmManager.Run(): Begin DataStream - Start: 1/1/2023 12:00:00 AM Stop: 1/10/2023 11:59:59 PM Time: 1/1/2023 12:00:00 AM Warmup: False"

it("what is played, with which money and by which version, is in LEAN's first lines", () => {
  expect(after(...begin)).toMatchObject({
    version: "2.5.0.0",
    span: { from: "2023-01-01", to: "2023-01-10", cash: 250_000.5 },
    progress: { phase: "starting", ratio: undefined }
  })
  expect(after(stream).span).toEqual({ from: "2023-01-01", to: "2023-01-10", cash: undefined })
  expect(after(...begin, stream).span?.cash).toBe(250_000.5)
})

it("dates in the algorithm's own lines tell how far it is, and it never goes back", () => {
  const running = after(...begin, stream)
  expect(running.progress).toEqual({ phase: "running", date: undefined, ratio: 0 })
  const later = withLine(running, "2022-11-25T15:04:39Z TRACE:: Log: 2023-01-06 bought")
  expect(later.progress).toEqual({ phase: "running", date: "2023-01-06", ratio: 0.5 })
  const back = withLine(later, "2022-11-25T15:04:39Z TRACE:: Debug: since 2023-01-02")
  expect(back.progress.ratio).toBe(0.5)
  expect(withLine(back, "TRACE:: Log: 2031-01-06 out of it").progress).toBe(back.progress)
  expect(withLine(back, "TRACE:: Log: 2023-02-31 no date").progress).toBe(back.progress)
  const ending = withLine(back, "TRACE:: AlgorithmManager.Run(): Firing On End Of Algorithm...")
  expect(ending.progress).toMatchObject({ phase: "ending", ratio: 1 })
  expect(withLine(ending, "TRACE:: Log: 2023-01-07 late").progress).toBe(ending.progress)
})

it("troubles and errors are picked out, colours and blank lines are not kept", () => {
  expect(after("\u001B[31mError: Please make sure Docker is installed and running\u001B[0m")).toMatchObject({
    trouble: "no-docker",
    error: "Please make sure Docker is installed and running",
    lines: ["Error: Please make sure Docker is installed and running"]
  })
  expect(after("This command requires a Lean configuration file, run `lean init`").trouble).toBe(
    "no-lean-config"
  )
  expect(after("Error: No such option: --parameter").trouble).toBe("old-lean")
  expect(after("2022-11-25 ERROR:: Engine.Run(): it broke", "ERROR:: again").error).toBe(
    "Engine.Run(): it broke"
  )
  expect(after("", "   ")).toBe(emptyLog)
})

it("the last forty lines are kept, each of at most two thousand characters", () => {
  const log = after(
    ...Array.from({ length: 100 }, (_, at) => `line ${at} ${"x".repeat(at === 99 ? 9_000 : 0)}`)
  )
  expect(log.lines).toHaveLength(40)
  expect(log.lines[0]).toBe("line 60")
  expect(log.lines.at(-1)).toHaveLength(2_000)
})
