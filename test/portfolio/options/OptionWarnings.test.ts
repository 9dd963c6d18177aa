import { describe, expect, it } from "@effect/vitest"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { toExchangeTime } from "../../../src/market/TradingCalendar.ts"
import type { StructureLeg } from "../../../src/options/Structure.ts"
import { expiryCalendar } from "../../../src/portfolio/options/ExpiryCalendar.ts"
import { optionWarnings } from "../../../src/portfolio/options/OptionWarnings.ts"
import { aapl, option, stock } from "../../options/OptionLegs.ts"
import { at, held } from "./OptionPositions.ts"

interface Scene {
  readonly now: string
  readonly spot: number
  readonly legs: ReadonlyArray<StructureLeg>
  /** Dollars a share; what is not named is marked at 2.00. */
  readonly marks?: Readonly<Record<string, number>>
  readonly cash?: number
}

const pricesOf = ({ legs, marks = {}, now, spot }: Scene) => ({
  now: at(now),
  underlyings: new Map([[aapl, pricePerShare(spot)]]),
  marks: new Map(
    legs.map(({ contract, instrumentId }) => {
      const name = contract === undefined ? "" : `${contract.right[0]} ${contract.strike / 1e6}`
      return [instrumentId, pricePerShare(contract === undefined ? spot : (marks[name] ?? 2))] as const
    })
  )
})

/** What the desk exercises at unless it is told otherwise. */
const cent = pricePerShare(0.01)

const rowsOf = (scene: Scene) =>
  expiryCalendar(
    scene.legs.map((leg) => held(leg)),
    pricesOf(scene),
    cent
  )

const warningsOf = (scene: Scene) =>
  optionWarnings({
    rows: rowsOf(scene),
    positions: scene.legs.map((leg) => held(leg)),
    ...pricesOf(scene),
    cash: dollars(scene.cash ?? 1_000_000)
  })

const kindsOf = (scene: Scene) => warningsOf(scene).map(({ kind }) => kind)

describe("the expiry calendar", () => {
  it("says when each option ends, how many sessions are left and what would come of it", () => {
    const rows = rowsOf({
      now: "2014-06-12 11:00",
      spot: 92,
      legs: [
        option(2, "C 90"),
        option(-1, "P 95"),
        option(-3, "C 95"),
        option(1, "P 85 2014-07-19"),
        stock(5)
      ]
    })
    expect(
      rows.map(({ cash, outcome, position, sessionsLeft, settlement, shares: moved }) => ({
        id: position.instrumentId,
        ends: settlement === undefined ? "" : toExchangeTime(settlement).slice(0, 16),
        sessionsLeft,
        outcome,
        moved: moved / 1e6,
        cash: cash / 1e6
      }))
    ).toEqual([
      {
        id: "AAPL 140613C00090000.OPRA",
        ends: "2014-06-13 16:00",
        sessionsLeft: 2,
        outcome: "exercised",
        moved: 200,
        cash: -18_000
      },
      {
        id: "AAPL 140613C00095000.OPRA",
        ends: "2014-06-13 16:00",
        sessionsLeft: 2,
        outcome: "expires",
        moved: 0,
        cash: 0
      },
      {
        id: "AAPL 140613P00095000.OPRA",
        ends: "2014-06-13 16:00",
        sessionsLeft: 2,
        outcome: "assigned",
        moved: 100,
        cash: -9500
      },
      {
        id: "AAPL 140719P00085000.OPRA",
        ends: "2014-07-18 16:00",
        sessionsLeft: 26,
        outcome: "expires",
        moved: 0,
        cash: 0
      }
    ])
  })

  it("an option in the money by less than the threshold expires", () => {
    const scene: Scene = { now: "2014-06-13 11:00", spot: 90.005, legs: [option(1, "C 90")] }
    expect(rowsOf(scene).map(({ outcome }) => outcome)).toEqual(["expires"])
    expect(rowsOf({ ...scene, spot: 90.01 }).map(({ outcome }) => outcome)).toEqual(["exercised"])
  })

  it("what is settled in cash pays the difference; what was adjusted delivers its own shares and cash", () => {
    const cash = option(-2, "P 95", { settlement: "CASH", style: "EUROPEAN" })
    const adjusted = option(1, "C 90", {
      root: "AAPL1",
      deliverable: shares(15),
      deliverableCash: dollars(100)
    })
    const rows = rowsOf({ now: "2014-06-13 11:00", spot: 900, legs: [adjusted] })
    expect(rows).toMatchObject([{ outcome: "exercised", shares: shares(15), cash: dollars(-8900) }])
    expect(rowsOf({ now: "2014-06-13 11:00", spot: 92, legs: [cash] })).toMatchObject([
      { outcome: "assigned", shares: 0, cash: dollars(-600) }
    ])
  })

  it("an end is told by the threshold that the desk exercises at", () => {
    const scene: Scene = { now: "2014-06-13 11:00", spot: 90.05, legs: [option(-1, "C 90")] }
    const outcomeAt = (threshold: number) =>
      expiryCalendar([held(option(-1, "C 90"))], pricesOf(scene), threshold)[0]?.outcome
    expect(outcomeAt(cent)).toBe("assigned")
    expect(outcomeAt(50_000)).toBe("assigned")
    expect(outcomeAt(60_000)).toBe("expires")
  })

  it("without a price of the underlying nothing is foretold", () => {
    const scene: Scene = { now: "2014-06-13 11:00", spot: 92, legs: [option(-1, "C 90")] }
    const prices = { ...pricesOf(scene), underlyings: new Map() }
    const [row] = expiryCalendar([held(option(-1, "C 90"))], prices, cent)
    expect(row).toMatchObject({ outcome: undefined, inTheMoney: undefined, shares: 0 })
  })
})

describe("warnings", () => {
  it("a short option is warned of from the session before its last", () => {
    const scene: Scene = { now: "2014-06-11 15:59", spot: 88, legs: [option(-1, "C 95")] }
    expect(kindsOf(scene)).toEqual([])
    expect(kindsOf({ ...scene, now: "2014-06-12 09:30" })).toEqual(["EXPIRING_SHORT"])
    expect(kindsOf({ ...scene, now: "2014-06-13 15:59" })).toEqual(["EXPIRING_SHORT"])
    expect(kindsOf({ ...scene, now: "2014-06-13 16:00" })).toEqual([])
    expect(kindsOf({ ...scene, legs: [option(1, "C 95")], now: "2014-06-13 15:59" })).toEqual([])
  })

  it("a price at a short strike in the last hour is a pin risk", () => {
    const scene: Scene = { now: "2014-06-13 15:00", spot: 90.4, legs: [stock(100), option(-1, "C 90")] }
    expect(kindsOf(scene)[0]).toBe("PIN_RISK")
    expect(kindsOf({ ...scene, now: "2014-06-13 14:59" })).not.toContain("PIN_RISK")
    expect(kindsOf({ ...scene, spot: 90.46 })).not.toContain("PIN_RISK")
    expect(kindsOf({ ...scene, spot: 89.55 })).toContain("PIN_RISK")
    expect(kindsOf({ ...scene, legs: [option(1, "C 90")] })).not.toContain("PIN_RISK")
    expect(kindsOf({ ...scene, legs: [option(-1, "C 90", { expirySession: "AM" })] })).not.toContain(
      "PIN_RISK"
    )
  })

  it("an early close has its last hour earlier", () => {
    const legs = [option(-1, "P 90 2014-07-03")]
    expect(kindsOf({ now: "2014-07-03 12:30", spot: 90, legs })[0]).toBe("PIN_RISK")
  })

  it("options that would take more cash than there is are warned of together", () => {
    const legs = [option(1, "C 90"), option(-1, "P 100")]
    const scene: Scene = { now: "2014-06-12 10:00", spot: 95, legs, cash: 18_999.99 }
    const [warning] = warningsOf(scene)
    expect(warning).toMatchObject({ kind: "UNFUNDED", instrumentIds: legs.map((leg) => leg.instrumentId) })
    expect(warning?.message).toBe(
      "long 1 AAPL 140613C00090000, short 1 AAPL 140613P00100000 would take $19000.00 at the price now, and there are $18999.99 in cash"
    )
    expect(kindsOf({ ...scene, cash: 19_000 })).not.toContain("UNFUNDED")
    expect(kindsOf({ ...scene, now: "2014-06-11 10:00" })).not.toContain("UNFUNDED")
  })

  it("of a vertical that is in the money whole, one exercise pays for the other", () => {
    const legs = [option(1, "C 85"), option(-1, "C 90")]
    const marks = { "C 85": 10.1, "C 90": 5.2 }
    expect(kindsOf({ now: "2014-06-12 10:00", spot: 95, legs, marks, cash: 0 })).toEqual(["EXPIRING_SHORT"])
  })

  it("shares that would go and are not held are warned of", () => {
    const scene: Scene = { now: "2014-06-12 10:00", spot: 95, legs: [stock(99), option(-1, "C 90")] }
    expect(kindsOf(scene)).toContain("SHORT_SHARES")
    expect(kindsOf({ ...scene, legs: [stock(100), option(-1, "C 90")] })).not.toContain("SHORT_SHARES")
    expect(kindsOf({ ...scene, legs: [option(1, "P 100")] })).toContain("SHORT_SHARES")
  })

  it("a short American option in the money without time value may be assigned early", () => {
    const legs = [stock(100), option(-1, "C 85 2014-07-19")]
    const scene: Scene = { now: "2014-06-12 10:00", spot: 95, legs, marks: { "C 85": 10.05 } }
    expect(kindsOf(scene)).toEqual(["EARLY_ASSIGNMENT"])
    expect(kindsOf({ ...scene, marks: { "C 85": 10.06 } })).toEqual([])
    expect(kindsOf({ ...scene, legs: [option(-1, "C 85 2014-07-19", { style: "EUROPEAN" })] })).toEqual([])
    expect(kindsOf({ ...scene, legs: [option(-1, "P 105 2014-07-19")], marks: { "P 105": 9.9 } })).toEqual([
      "EARLY_ASSIGNMENT"
    ])
  })
})
