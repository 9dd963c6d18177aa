/** Eight processes at once on one desk (the rest is in soak/races.soak.ts). */
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { defaultLimits } from "../../src/risk/RiskLimits.ts"
import { dropSchema, newSchema, urlOf } from "../support/Postgres.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import { naiveUsage } from "./NaiveLimits.ts"
import { raceOn } from "./Races.ts"
import { scenarioNamed } from "./Scenarios.ts"

const race = (name: string, database?: string) =>
  raceOn({
    scenario: scenarioNamed(name),
    processes: 8,
    orders: 6,
    seed: 20_240_304,
    ...(database === undefined ? {} : { database })
  })

describeWithPostgres("eight processes that submit at once to a desk on PostgreSQL", () => {
  const schemas: Array<string> = []
  const aSchema = () => {
    const schema = newSchema()
    schemas.push(schema)
    return urlOf(schema)
  }
  afterAll(async () => {
    for (const schema of schemas) await Effect.runPromise(dropSchema(schema))
  })

  it("hold each limit together", async () => {
    for (const name of ["position", "open-orders", "mixed"]) {
      const { problems, usage } = await race(name, aSchema())
      expect(problems).toEqual([])
      expect(usage.filled).toBeGreaterThan(0)
    }
  }, 180_000)
})

describe("eight processes that submit at once", () => {
  it("hold the position limit together, and use it up", async () => {
    const { answers, problems, usage } = await race("position")
    expect(problems).toEqual([])
    expect(usage.filled).toBeGreaterThan(0)
    expect(answers.get("OrderDenied position-limit")).toBeGreaterThan(0)
    // What is left is less than the largest order would take.
    expect(usage.most.position).toBeGreaterThan(25e9 - 25 * 52.6e6)
  }, 120_000)

  it("count each other's working orders", async () => {
    const { answers, problems, usage } = await race("open-orders")
    expect(problems).toEqual([])
    expect(usage.filled).toBeGreaterThan(0)
    expect(usage.most.open).toBeGreaterThan(9)
    expect(answers.get("OrderDenied open-orders")).toBeGreaterThan(0)
  }, 120_000)

  it("send the same intention once", async () => {
    const { answers, problems, usage } = await race("same-intention")
    expect(problems).toEqual([])
    expect(answers.get("repeated")).toBe(48 - usage.sent)
    expect(usage.sent).toBeLessThanOrEqual(8)
    expect(usage.filled).toBeGreaterThan(0)
  }, 120_000)
})

describe("the count that limits are held against", () => {
  it("shows every limit that an order passes", async () => {
    const { evidence } = await raceOn({
      scenario: scenarioNamed("cash"),
      processes: 1,
      orders: 12,
      seed: 1
    })
    const tight = {
      ...defaultLimits,
      positionRatio: 0.01,
      grossExposureRatio: 0.01,
      openOrders: 1,
      ordersPerMinute: 2,
      reservedForReducing: 0,
      duplicateWindowSeconds: 3600
    }
    const { passed } = naiveUsage(evidence.lines, tight, () => 50_000_000n)
    for (const what of ["position", "gross", "open", "minute"]) {
      expect(passed.some((problem) => problem.includes(`${what} came to`))).toBe(true)
    }
  }, 120_000)
})
