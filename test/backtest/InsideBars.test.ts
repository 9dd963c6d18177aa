import { Option } from "effect"
import { expect, it } from "vitest"
import { insideBarsCaveat } from "../../src/backtest/InsideBars.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { session } from "../../src/market/TradingCalendar.ts"
import { sampleInputs } from "./SampleBacktest.ts"

const inputs = sampleInputs()
const { close, open } = Option.getOrThrow(session(inputs.data.from))
const atOpen = { tsEvent: open }
const atClose = { tsEvent: close }
const later = { tsEvent: timestamp(open + 30 * 60_000_000) }

it("orders that were decided inside daily bars are counted, those at opens and closes are not", () => {
  expect(insideBarsCaveat(inputs, [])).toBeUndefined()
  expect(insideBarsCaveat(inputs, [atOpen, atClose])).toBeUndefined()
  expect(insideBarsCaveat(inputs, [atOpen, later, later])).toContain(
    "2 of 3 orders were decided inside daily bars"
  )
})

it("bars of minutes are none of a day, and LEAN has its own models", () => {
  const { data } = inputs
  expect(insideBarsCaveat({ ...inputs, data: { ...data, resolution: "1m" } }, [later])).toBeUndefined()
  expect(insideBarsCaveat({ ...inputs, engine: { name: "lean", version: "1" } }, [later])).toBeUndefined()
})
