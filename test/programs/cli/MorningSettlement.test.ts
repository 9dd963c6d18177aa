/** A night with a contract that is settled in the morning: it cannot be traded any more, and the desk goes on. */
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

inNewFolder()

beforeAll(async () => {
  await plimsoll(["init", "--cash", "1000000"])
  await plimsoll(["clock", "step", "--to", "2017-01-18T10:00"])
  expect((await plimsoll(["order", "buy", "SPX 170120C02250000", "1", "--yes"])).code).toBe(0)
  // Traded until Thursday's close, settled at Friday's open.
  await plimsoll(["clock", "step", "--to", "2017-01-20T09:25"])
})

describe("between its last price and its settlement", () => {
  it("is worth its last price, and the account its equity", async () => {
    expect(await plimsollJson(["status"])).toMatchObject({
      equity: expect.stringMatching(/^99\d{4}/u),
      positions: [{ symbol: "SPX 170120C02250000", mark: expect.stringMatching(/^\d/u) }]
    })
  })

  it("is nothing that keeps orders for other instruments from the open", async () => {
    const ran = await plimsoll(["order", "buy", "AAPL", "10", "--tif", "open", "--yes"])
    expect(ran.err).not.toContain("denied")
    expect(ran.out).toContain("Accepted")
  })

  it("cannot be traded", async () => {
    const ran = await plimsoll(["order", "sell", "SPX 170120C02250000", "1", "--tif", "open", "--yes"])
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain("it was traded until the close of 2017-01-19")
  })

  it("is settled at the open, in cash", async () => {
    expect((await plimsoll(["clock", "step", "--to", "2017-01-20T09:30"])).out).toContain(
      "exercised 1 SPX 170120C02250000, settled in cash"
    )
    expect(await plimsollJson(["status"])).toMatchObject({ positions: [{ symbol: "AAPL", quantity: "10" }] })
  })
})
