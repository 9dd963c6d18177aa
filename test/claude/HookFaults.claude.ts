/**
 * Whatever becomes of the hook before orders, no order reaches the venue without it: the broker asks for its permit.
 * A fault in mid-run comes after an order that was filled, before another that is within every limit too.
 */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { denialsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { faults } from "./Faults.ts"
import { first, later, say, turnOf, type Step } from "./harness/Script.ts"
import {
  BYPASSING,
  hurried,
  other,
  quote,
  replaceHook,
  SETTINGS,
  small,
  UNATTENDED,
  VALIDATOR,
  withDesk
} from "./Project.ts"

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

  it("emptied in mid-run, and nothing keeps the client from taking that over", () => {
    // The client looks at its settings about once a second. Until then the missing hook blocks.
    const asked: Step = (seen) =>
      seen.last.includes("by the rule permit") ? say("it was the broker") : turnOf(later(1000, other), seen)
    return withDesk(
      (project) => ({
        main: [
          quote(),
          small,
          first(() => {
            rmSync(join(project(), VALIDATOR))
            // The guard of the settings: deleted, it would hold, for it says onFailure: block.
            replaceHook(project(), "algo-change-guard", "cat >/dev/null; exit 0")
            writeFileSync(join(project(), SETTINGS), "{}")
          }, asked),
          ...Array.from({ length: 20 }, () => asked)
        ]
      }),
      async (play) => {
        const run = await play.run("buy two, then one", { args: BYPASSING })
        expect(run.result?.text).toBe("it was the broker")
        expect(denialsOf(play.project)).toEqual(["permit"])
        expect(sentTo(play.project)).toEqual(FILLED)
      }
    )
  })
})
