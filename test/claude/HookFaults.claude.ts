/**
 * Whatever becomes of the hook before orders, no order reaches the venue without it: the broker asks for its permit.
 * A fault in mid-run comes after an order that was filled, before another that is within every limit too.
 */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { denialsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { faults } from "./Faults.ts"
import { first, say } from "./harness/Script.ts"
import { hurried, other, quote, SETTINGS, small, UNATTENDED, VALIDATOR, withDesk } from "./Project.ts"

describe("no further order reaches the venue when the hook, in mid-run,", () => {
  it.each(faults)("%s", (_, spoil) =>
    withDesk(
      (project) => ({ main: [quote(), small, first(() => spoil(project()), other), say("done")] }),
      async (play) => {
        const run = await play.run("buy two, then one", { args: UNATTENDED })
        expect(run.exchanges.at(-1)?.results.at(-1)).toMatchObject({ isError: true })
        expect(sentTo(play.project)).toEqual(FILLED)
      },
      { prepare: hurried }
    )
  )
})

const settings: ReadonlyArray<readonly [string, string]> = [
  ["emptied", "{}"],
  ["broken", "{"],
  ["spoilt by one bad value", `{"hooks":{"PreToolUse":[{"matcher":"x","hooks":[{"type":"nonsense"}]}]}}`]
]

describe("no order reaches the venue when the settings are", () => {
  it.each(settings)("%s before the run", (_, text) =>
    withDesk(
      { main: [quote(), small, say("done")] },
      async (play) => {
        const run = await play.run("buy two", { args: UNATTENDED })
        expect(run.hooks.filter(({ event }) => event === "PreToolUse")).toEqual([])
        expect(denialsOf(play.project)).toEqual(["permit"])
        expect(sentTo(play.project)).toEqual(NOTHING)
      },
      { prepare: (project) => writeFileSync(join(project, SETTINGS), text) }
    )
  )

  it.each(settings)("%s in mid-run, with the hook", (_, text) =>
    withDesk(
      (project) => ({
        main: [
          quote(),
          small,
          first(() => {
            rmSync(join(project(), VALIDATOR))
            writeFileSync(join(project(), SETTINGS), text)
          }, other),
          say("done")
        ]
      }),
      async (play) => {
        await play.run("buy two, then one", { args: UNATTENDED })
        expect(sentTo(play.project)).toEqual(FILLED)
      }
    )
  )
})
