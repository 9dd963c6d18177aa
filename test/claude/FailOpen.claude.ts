/**
 * Clients let a call through whose hook fails, unless the hook's entry says `onFailure: block` and the client knows
 * that. Here it does not: what is left is the broker, which asks for the permit of a hook that ran.
 */
import { expect, it } from "vitest"
import { denialsOf, FILLED, sentTo } from "./Books.ts"
import { faults } from "./Faults.ts"
import { first, say } from "./harness/Script.ts"
import { failOpen, hurried, other, quote, small, UNATTENDED, withDesk } from "./Project.ts"

it.each(faults)(
  "the broker denies the order when the hook %s and the client lets the call through",
  (_, spoil) =>
    withDesk(
      (project) => ({ main: [quote(), small, first(() => spoil(project()), other), say("done")] }),
      async (play) => {
        await play.run("buy two, then one", { args: UNATTENDED })
        // It came as far as the broker.
        expect(denialsOf(play.project)).toEqual(["permit"])
        expect(sentTo(play.project)).toEqual(FILLED)
      },
      {
        prepare: (project) => {
          hurried(project)
          failOpen(project)
        }
      }
    )
)
