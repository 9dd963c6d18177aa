import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Result, Schema } from "effect"
import { accountId, quoteId } from "../../../../src/domain/Identifiers.ts"
import { OrderContent } from "../../../../src/domain/Order.ts"
import { timestamp } from "../../../../src/domain/Timestamp.ts"
import { clientOrderIdFor, intentionKeyOf } from "../../../../src/execution/OrderIdentity.ts"
import { candidate } from "../../../../src/programs/ConfigFile.ts"
import { deskFolderAt } from "../../../../src/programs/DeskFolder.ts"
import { denialOf } from "../../../../src/programs/hooks/risk-validator/Denial.ts"
import { nameOf } from "../../../../src/programs/hooks/risk-validator/Judge.ts"
import { limitsAsked } from "../../../../src/programs/hooks/risk-validator/LimitsAsked.ts"
import { limitsInForce } from "../../../../src/risk/LimitsInForce.ts"
import { deskProfile } from "../../../../src/risk/LimitsProfile.ts"
import { LimitsStore, type SealedRecord } from "../../../../src/risk/LimitsStore.ts"
import { defaultLimits, hashLimits, type RiskLimits } from "../../../../src/risk/RiskLimits.ts"
import { SealedLimits } from "../../../../src/risk/SealedLimits.ts"
import { spoilt } from "../../../domain/GuardsAgree.ts"
import { anyLimits } from "../../../risk/AnyLimits.ts"

describe("an order's name", () => {
  it.prop(
    "is the one the broker gives it when it is asked for without a name",
    [OrderContent],
    ([content]) => {
      const account = accountId("desk")
      const quote = quoteId("q-0123456789abcdef")
      // Text that is no Unicode has no name, there as here.
      const text = content.ocoGroup ?? ""
      if (Buffer.from(text, "utf8").toString("utf8") !== text)
        return expect(() => nameOf(account, quote, content)).toThrow(/surrogate/u)
      expect(nameOf(account, quote, content)).toBe(
        clientOrderIdFor(intentionKeyOf(account, quote, content), 0)
      )
    }
  )
})

/** The limits that the desk's own service finds in force; undefined when it cannot. */
const byService = (sealed: SealedRecord | undefined, limits: RiskLimits): RiskLimits | undefined => {
  const store = Layer.succeed(LimitsStore, {
    load: Effect.succeed(Option.fromUndefinedOr(sealed)),
    seal: () => Effect.void
  })
  const asked = Effect.succeed({ profile: { ...deskProfile, limits }, source: "test" })
  const service = SealedLimits.layer(asked).pipe(Layer.provide(store))
  return Effect.runSync(
    SealedLimits.use(({ inForce }) => inForce).pipe(
      Effect.map((found): RiskLimits | undefined => found.limits),
      Effect.orElseSucceed(() => undefined),
      Effect.provide(service)
    )
  )
}

describe("the limits in force", () => {
  it.prop("are those of the desk, whatever was accepted", [anyLimits, anyLimits], ([accepted, asked]) => {
    const sealed: SealedRecord = {
      profile: "desk",
      limits: accepted,
      hash: hashLimits(accepted),
      acceptedBy: { kind: "person", name: "cli" },
      tsEvent: timestamp(0)
    }
    expect(limitsInForce(undefined, asked)).toStrictEqual(byService(undefined, asked))
    expect(limitsInForce(sealed, asked)).toStrictEqual(byService(sealed, asked))
    const changed = { ...sealed, hash: hashLimits({ ...accepted, openOrders: accepted.openOrders + 1 }) }
    expect([limitsInForce(changed, asked), byService(changed, asked)]).toStrictEqual([undefined, undefined])
  })
})

describe("what plimsoll.json asks for", () => {
  const config = {
    market: { source: "embedded" },
    limits: {
      profile: "desk",
      positionRatio: 0.2,
      quoteStalenessSeconds: { equity: 15, index: 15, option: 60 },
      restricted: ["GME"],
      ordersPerMinute: null
    }
  }

  it.prop(
    "is what its schema says, once the file is the one the desk was opened with, or has to be asked of the schema",
    [Schema.Int],
    ([seed]) => {
      const project = mkdtempSync(join(tmpdir(), "plimsoll-limits-"))
      try {
        const folder = deskFolderAt(project, undefined)
        mkdirSync(folder.home)
        const text = JSON.stringify(seed % 5 === 0 ? config : spoilt(config, seed))
        writeFileSync(folder.config, text)
        expect(limitsAsked(folder)).toBeUndefined()
        writeFileSync(folder.lastConfig, text)
        const bySchema = Effect.runSync(Effect.result(candidate(folder)))
        const fast = limitsAsked(folder)
        // A file that the schema refuses is never the one that a desk was opened with.
        if (Result.isSuccess(bySchema)) expect(fast).toStrictEqual(bySchema.success.profile.limits)
      } finally {
        rmSync(project, { recursive: true })
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it("is never the research profile, which no desk may have", () => {
    const project = mkdtempSync(join(tmpdir(), "plimsoll-limits-"))
    try {
      const folder = deskFolderAt(project, undefined)
      mkdirSync(folder.home)
      for (const path of [folder.config, folder.lastConfig])
        writeFileSync(path, '{"limits": {"profile": "research"}}')
      expect(limitsAsked(folder)).toBeUndefined()
      for (const path of [folder.config, folder.lastConfig]) writeFileSync(path, "{}")
      expect(limitsAsked(folder)).toStrictEqual(defaultLimits)
    } finally {
      rmSync(project, { recursive: true })
    }
  })
})

describe("a denial", () => {
  it("begins with the first rule, names all of them with value and limit, and says what to do", () => {
    const said = denialOf(
      [
        {
          rule: "order-size",
          outcome: "deny",
          unit: "ratio",
          value: 0.26,
          limit: 0.1,
          message: "Too large."
        },
        { rule: "buying-power", outcome: "deny", unit: "usd", value: 1.5, limit: 0.25, message: "Too dear." },
        { rule: "quote-freshness", outcome: "deny", unit: "seconds", limit: 15, message: "Too old." },
        { rule: "self-trade", outcome: "deny", unit: "none", message: "Ours." }
      ],
      undefined
    )
    expect(said.split("\n")).toStrictEqual([
      "denied by the rule order-size (26.00% of 10.00%): Too large.",
      "- and by buying-power ($1.50 of $0.25): Too dear.",
      "- and by quote-freshness (limit 15 s): Too old.",
      "- and by self-trade: Ours.",
      "Nothing was sent. Do what the rules say, or leave the order: a limit is not to be worked around."
    ])
  })
})
