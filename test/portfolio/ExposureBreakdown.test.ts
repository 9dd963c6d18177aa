import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { dollars, money, price } from "../../src/domain/Money.ts"
import { exposure } from "../../src/portfolio/Exposure.ts"
import { exposureBySector, type HeldValue, withRest } from "../../src/portfolio/ExposureBreakdown.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import { Commands, histories, instruments, play } from "./Books.ts"

const held = (symbol: string, sector: string, value: number): HeldValue => ({
  instrumentId: instrumentId(`${symbol}.XNYS`),
  sector,
  value: dollars(value)
})

describe("exposure by sector", () => {
  it("long and short of one sector are told apart, the largest gross first", () => {
    expect(
      exposureBySector([
        held("A", "Energy", 100),
        held("B", "Technology", 300),
        held("C", "Technology", -250)
      ])
    ).toEqual([
      {
        name: "Technology",
        positions: 2,
        long: dollars(300),
        short: dollars(-250),
        gross: dollars(550),
        net: dollars(50)
      },
      { name: "Energy", positions: 1, long: dollars(100), short: 0, gross: dollars(100), net: dollars(100) }
    ])
  })

  it("more sectors than fit are one more, and nothing is lost", () => {
    const all = exposureBySector([
      held("A", "a", 5),
      held("B", "b", -4),
      held("C", "c", 3),
      held("D", "d", 2),
      held("E", "e", -1)
    ])
    expect(withRest(all, 5, "others")).toEqual(all)
    expect(withRest(all, 3, "others")).toEqual([
      ...all.slice(0, 2),
      {
        name: "others",
        positions: 3,
        long: dollars(5),
        short: dollars(-1),
        gross: dollars(6),
        net: dollars(4)
      }
    ])
  })

  it.prop(
    "the sectors sum to the whole account's exposure, to the micro",
    {
      commands: Commands,
      at: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 500_000_000 })))
    },
    ({ at, commands }) => {
      const ledger = play(commands).at(-1)?.after
      if (ledger === undefined) return
      const marks = new Map(instruments.map((id, i) => [id, price(at + i)]))
      const whole = Result.getOrThrow(exposure(ledger, marks))
      const sectors = exposureBySector(
        Ledger.positions(ledger).map((position, i) => ({
          instrumentId: position.instrumentId,
          sector: i % 2 === 0 ? "even" : "odd",
          value: Ledger.positionValue(position, price(at + instruments.indexOf(position.instrumentId)))
        }))
      )
      const sum = (part: "long" | "short" | "gross" | "net") =>
        money(sectors.reduce((total, sector) => total + sector[part], 0))
      expect([sum("long"), sum("short"), sum("gross"), sum("net")]).toEqual([
        whole.long,
        whole.short,
        whole.gross,
        whole.net
      ])
    },
    histories
  )
})
