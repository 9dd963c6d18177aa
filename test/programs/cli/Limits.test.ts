/** Limits, configuration and the doctor; each test goes on where the one before it stopped. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

inNewFolder()

const configure = (config: object): void => writeFileSync("plimsoll.json", JSON.stringify(config))

beforeAll(async () => {
  await plimsoll(["init"])
})

describe("limits", () => {
  it("in force are the sealed ones, the file's and all the same at first", async () => {
    const { out } = await plimsoll(["limits", "show"])
    expect(out).toContain('Limits of the profile "desk"')
    expect(out).not.toContain("looser")
    expect((await plimsoll(["limits", "accept"])).out).toContain("nothing to accept")
  })

  it("that are looser wait for a person, tighter ones hold at once", async () => {
    configure({ limits: { profile: "single-index", drawdownRatio: 0.1 } })
    const { out } = await plimsoll(["limits", "show"])
    expect(out).toMatch(/positionRatio +0\.25 +0\.25 +1 +↑ looser, waits for a person/u)
    expect(out).toMatch(/drawdownRatio +0\.1 +0\.2 +0\.1 +↓ tighter, in force/u)
    expect((await plimsoll(["status"])).out).toContain(
      "positionRatio: plimsoll.json asks for 1, 0.25 holds until a person accepts it (plimsoll limits accept)"
    )
    expect((await plimsoll(["order", "buy", "SPX-REPLAY", "40", "--yes"])).code).toBe(2)
  })

  it("are accepted by a person who saw them, and by nobody else", async () => {
    expect((await plimsoll(["limits", "accept"])).code).toBe(2)
    expect((await plimsoll(["limits", "accept"], { text: "wrong" })).code).toBe(2)
    const accepted = await plimsoll(["limits", "accept"], "the code")
    expect(accepted.err).toContain("↑ looser")
    expect(accepted.out).toBe('Accepted and sealed: 3 limits changed, the profile is "single-index".\n')
    expect((await plimsoll(["audit", "tail", "1"])).out).toContain("limits.accepted")
    expect((await plimsoll(["order", "buy", "SPX-REPLAY", "40", "--yes", "--repeat"])).code).toBe(0)
  })
})

describe("a spoilt plimsoll.json", () => {
  it.each([
    ["is no JSON", () => writeFileSync("plimsoll.json", "{"), /plimsoll\.json:1:2: not JSON/u],
    [
      "has a bad field",
      () => configure({ limits: { positionRatio: "all" } }),
      /limits\.positionRatio: expected number/u
    ],
    ["is gone", () => rmSync("plimsoll.json"), /there is no such file/u]
  ])(
    "that %s leaves no limits in force: orders are denied and told why, cancels and halt work",
    async (_case, spoil, why) => {
      configure({ limits: { profile: "single-index" } })
      await plimsoll(["resume", "for the test"], "the code")
      const placed = await plimsoll([
        "order",
        "buy",
        "AAPL",
        "1",
        "--limit",
        "110",
        "--tif",
        "gtc",
        "--yes",
        "--repeat"
      ])
      const id = /o-[0-9a-f-]+/u.exec(placed.out)?.[0] ?? ""
      spoil()
      const denied = await plimsoll(["order", "buy", "AAPL", "2", "--yes", "--repeat"])
      expect(denied.code).toBe(2)
      expect(denied.err).toMatch(why)
      expect((await plimsoll(["status"])).out).toMatch(why)
      expect((await plimsoll(["limits", "show"])).err).toMatch(why)
      expect((await plimsoll(["order", "cancel", id])).out).toContain("Canceled")
      expect((await plimsoll(["halt", "spoilt"])).out).toContain("HALTED")
      const doctor = await plimsoll(["doctor"])
      expect(doctor.code).toBe(1)
      expect(doctor.out).toMatch(/failed +limits/u)
    }
  )
})

describe("the doctor", () => {
  it("finds nothing on a sound desk, and journals nothing by its canary", async () => {
    configure({ limits: { profile: "single-index" } })
    const before = await plimsollJson(["status"])
    const { code, out } = await plimsoll(["doctor"])
    expect(code).toBe(0)
    expect(out).toContain("an absurd order is denied by order-size, and nothing was journaled")
    expect(out.split("\n").filter((line) => line.startsWith("ok"))).toHaveLength(12)
    expect(out).toMatch(/ok +Claude Code +not configured in this project/u)
    expect(await plimsollJson(["status"])).toEqual(before)
  })

  it("names a changed audit entry", async () => {
    const [segment = ""] = readdirSync(".plimsoll/audit")
    const file = join(".plimsoll/audit", segment)
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace("account.opened", "account.opEned"))
    const doctor = await plimsoll(["doctor"])
    expect(doctor).toMatchObject({ code: 1 })
    expect(doctor.out).toMatch(/failed +audit/u)
    const verify = await plimsoll(["audit", "verify"])
    expect(verify.code).toBe(1)
    expect(verify.err).toMatch(/^plimsoll: .*entry 1\b/u)
    writeFileSync(file, text)
    expect((await plimsoll(["audit", "verify"])).code).toBe(0)
  })

  it("says what to do where the database is gone, and where the prices are gone", async () => {
    configure({ market: { source: "lean", path: "no-such-folder" } })
    const { code, out } = await plimsoll(["doctor"])
    expect(code).toBe(1)
    expect(out).toMatch(/failed +desk +.*no-such-folder/u)
    expect((await plimsoll(["status"])).code).toBe(1)
    // The kill switch does not need prices.
    const halted = await plimsoll(["halt", "no prices"])
    expect(`${halted.out}${halted.err}`).toMatch(/halted/iu)
    configure({})
    rmSync(".plimsoll/desk.db")
    const missing = await plimsoll(["doctor"])
    expect(missing.code).toBe(1)
    expect(missing.out).toContain("to do: plimsoll recover --check")
  })
})
