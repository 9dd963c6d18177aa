import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { averageRiskFreeRate } from "../../../src/backtest/statistics/RiskFreeRate.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { MarketConfig } from "../../../src/programs/DeskConfig.ts"
import { ratesHash, riskFreeRates } from "../../../src/programs/backtest/RiskFreeRates.ts"
import { itWithShared, sharedPath } from "../../support/Shared.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-rates-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const write = (text: string): void => {
  const file = join(folder, "data", "alternative", "interest-rate", "usa", "interest-rate.csv")
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const lean: MarketConfig = { source: "lean", path: "data" }

const read = (market: MarketConfig, last = "2013-10-11") =>
  Effect.runPromise(
    Effect.result(riskFreeRates(market, folder, sessionDate(last))).pipe(Effect.provide(NodeServices.layer))
  )

describe("the rates a backtest is measured against", () => {
  it("are a LEAN folder's own", async () => {
    write("DATE,PCREDIT8\n2003-06-26,2.00\n2004-07-01,2.25\n")
    expect(await read(lean)).toMatchObject({
      success: [
        { date: "2003-06-26", percent: 2 },
        { date: "2004-07-01", percent: 2.25 }
      ]
    })
  })

  it("those until the last session, the first one whenever it is: later rows change no backtest", async () => {
    write("DATE,PCREDIT8\n2003-06-26,2.00\n2004-07-01,2.25\n2004-08-11,2.50\n")
    expect(await read(lean, "2004-08-10")).toMatchObject({ success: [{ percent: 2 }, { percent: 2.25 }] })
    expect(await read(lean, "2001-01-02")).toMatchObject({ success: [{ percent: 2 }] })
  })

  it("part of the inputs where there are some", () => {
    const rows = [{ date: sessionDate("2003-06-26"), percent: 2 }]
    expect(ratesHash([])).toEqual({})
    expect(ratesHash(rows).ratesHash).toMatch(/^[0-9a-f]{64}$/u)
    expect(ratesHash([...rows, ...rows])).not.toEqual(ratesHash(rows))
  })

  it("none of a folder without the file, and of another market", async () => {
    expect(await read(lean)).toMatchObject({ success: [] })
    expect(await read({ source: "embedded" })).toMatchObject({ success: [] })
  })

  it("a row that cannot be read fails, unless bad rows are to be skipped", async () => {
    write("DATE,PCREDIT8\n2003-06-26,two\n2004-07-01,2.25\n")
    expect(await read(lean)).toMatchObject({ failure: { _tag: "BadMarketData" } })
    expect(await read({ ...lean, badRows: "skip" })).toMatchObject({ success: [{ percent: 2.25 }] })
  })

  itWithShared("of the LEAN data: 0.75% in October 2013", async () => {
    const rates = await Effect.runPromise(
      riskFreeRates(
        { source: "lean", path: sharedPath("lean-data") },
        folder,
        sessionDate("2013-10-11")
      ).pipe(Effect.provide(NodeServices.layer))
    )
    expect(averageRiskFreeRate([sessionDate("2013-10-07")], rates)).toBe(0.0075)
  })
})
