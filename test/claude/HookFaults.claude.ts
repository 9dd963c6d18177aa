/**
 * Whatever becomes of the hook before orders, no order reaches the venue without it: the broker asks for its permit.
 * Each fault comes after the quote, in mid-run, with an order that is within every limit.
 */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { denialsOf, NOTHING, sentTo } from "./Books.ts"
import { first, say } from "./harness/Script.ts"
import { quote, replaceValidator, SETTINGS, small, UNATTENDED, VALIDATOR, withDesk } from "./Project.ts"

type Fault = (project: string) => void

const script =
  (lines: string): Fault =>
  (project) =>
    replaceValidator(project, lines)

const deny = `{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"no"}}`

const faults: ReadonlyArray<readonly [string, Fault]> = [
  ["is deleted", (project) => rmSync(join(project, VALIDATOR))],
  ["is no program any more", (project) => writeFileSync(join(project, VALIDATOR), "\u0000\u0001")],
  ["crashes", script("cat >/dev/null; exit 1")],
  ["is killed", script("cat >/dev/null; kill -9 $$")],
  ["is slower than its time", script("sleep 100")],
  ["prints junk", script("cat >/dev/null; echo junk")],
  ["prints half an answer", script(`cat >/dev/null; printf '{"hookSpecificOutput":'`)],
  ["prints something before its refusal", script(`cat >/dev/null; echo checking; printf '%s' '${deny}'`)],
  ["says yes and leaves no permit", script("cat >/dev/null; exit 0")]
]

describe("no order reaches the venue when the hook, in mid-run,", () => {
  it.each(faults)("%s", (_, spoil) =>
    withDesk(
      (project) => ({ main: [quote(), first(() => spoil(project()), small), say("done")] }),
      async (play) => {
        const run = await play.run("buy two", { args: UNATTENDED })
        expect(run.exchanges.at(-1)?.results.at(-1)).toMatchObject({ isError: true })
        expect(sentTo(play.project)).toEqual(NOTHING)
      }
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
          first(() => {
            rmSync(join(project(), VALIDATOR))
            writeFileSync(join(project(), SETTINGS), text)
          }, small),
          say("done")
        ]
      }),
      async (play) => {
        await play.run("buy two", { args: UNATTENDED })
        expect(sentTo(play.project)).toEqual(NOTHING)
      }
    )
  )
})
