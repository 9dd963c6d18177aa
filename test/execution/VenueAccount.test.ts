import { describe, expect, it } from "@effect/vitest"
import { applyAllToVenueAccount, emptyVenueAccount } from "../../src/execution/VenueAccount.ts"
import { positions } from "../../src/portfolio/Ledger.ts"
import { Commands, histories, play } from "../portfolio/Books.ts"

describe("the account as the venue keeps it", () => {
  it.prop(
    "has the cash and the positions of the books, whatever happens to both",
    { commands: Commands },
    ({ commands }) => {
      const steps = play(commands.filter(({ kind }) => !kind.startsWith("correct")))
      const ledger = steps.at(-1)?.after
      const account = applyAllToVenueAccount(
        emptyVenueAccount,
        steps.map(({ event }) => event)
      )
      expect(account.cash).toBe(ledger?.cash ?? 0)
      expect(account.positions).toEqual(
        Object.fromEntries(
          (ledger === undefined ? [] : positions(ledger)).map((p) => [p.instrumentId, p.quantity])
        )
      )
    },
    histories
  )
})
