import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { Actor } from "../../src/domain/Actor.ts"
import type { Guard } from "../../src/domain/Guard.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { isActor, isJournalEvent } from "../../src/domain/JournalGuards.ts"
import { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { Order, OrderContent } from "../../src/domain/Order.ts"
import { isInstrument, isOrder, isOrderContent, isQuote } from "../../src/domain/OrderGuards.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { isRiskLimits, isSealedRecord, isStrictRiskLimits } from "../../src/risk/LimitsGuard.ts"
import { SealedRecord } from "../../src/risk/LimitsStore.ts"
import { defaultLimits, hashLimits, RiskLimits, type StoredLimits } from "../../src/risk/RiskLimits.ts"
import { anyLimits } from "../risk/AnyLimits.ts"
import { quote } from "../risk/Snapshots.ts"
import { saying, spoilt } from "./GuardsAgree.ts"

/** On any value of the schema, and on it spoilt in one place and in two. */
const agree = <S extends Schema.Codec<unknown, unknown>>(name: string, schema: S, guard: Guard<unknown>) => {
  const encode = Schema.encodeUnknownSync(schema)
  it.prop(
    `${name}: the guard takes what the schema takes, and nothing else`,
    [schema, Schema.Int],
    ([value, seed]) => {
      const sound = encode(value)
      expect(guard(JSON.parse(JSON.stringify(sound)))).toBe(true)
      for (const changed of [spoilt(sound, seed), spoilt(spoilt(sound, seed + 1), seed + 2)]) {
        const said = saying(changed, guard, schema)
        expect(said).toStrictEqual({ ...said, guard: said.schema })
      }
    },
    { arbitrary: { runs: 1000 } }
  )
}

const without = ({ options, ...rest }: RiskLimits): StoredLimits => {
  expect(options).toBeDefined()
  return rest
}

describe("guards", () => {
  agree("who did it", Actor, isActor)
  agree("an order's content", OrderContent, isOrderContent)
  agree("an order", Order, isOrder)
  agree("an instrument", Instrument, isInstrument)
  agree("a journal event", JournalEvent, isJournalEvent)

  it.prop(
    "a quote: the guard takes what the schema takes, and nothing else",
    [Schema.Int],
    ([seed]) => {
      const sound: unknown = JSON.parse(JSON.stringify(quote({})))
      expect(isQuote(sound)).toBe(true)
      const said = saying(spoilt(sound, seed), isQuote, QuoteTick)
      expect(said).toStrictEqual({ ...said, guard: said.schema })
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "limits: the guard takes what the schema takes, and nothing else, other fields allowed or not",
    [anyLimits, Schema.Int],
    ([limits, seed]) => {
      expect([isRiskLimits(limits), isStrictRiskLimits(limits)]).toStrictEqual([true, true])
      for (const changed of [
        spoilt(limits, seed),
        spoilt({ ...limits, reservedForReducing: 512 }, seed),
        { ...limits, positionLimit: 1 },
        { ...limits, options: undefined },
        { ...limits, options: { ...limits.options, naked: true } },
        without(limits),
        { ...limits, quoteStalenessSeconds: { ...limits.quoteStalenessSeconds, bond: 1 } }
      ]) {
        const loose = saying(changed, isRiskLimits, RiskLimits)
        expect(loose).toStrictEqual({ ...loose, guard: loose.schema })
        const strict = saying(changed, isStrictRiskLimits, RiskLimits, { onExcessProperty: "error" })
        expect(strict).toStrictEqual({ ...strict, guard: strict.schema })
      }
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "sealed limits: the guard takes what the schema takes, and nothing else",
    [Schema.Int],
    ([seed]) => {
      const sealed = {
        profile: "desk",
        limits: defaultLimits,
        hash: hashLimits(defaultLimits),
        acceptedBy: { kind: "person", name: "cli" },
        tsEvent: 1
      }
      expect(isSealedRecord(sealed)).toBe(true)
      const said = saying(spoilt(sealed, seed), isSealedRecord, SealedRecord)
      expect(said).toStrictEqual({ ...said, guard: said.schema })
    },
    { arbitrary: { runs: 1000 } }
  )
})
