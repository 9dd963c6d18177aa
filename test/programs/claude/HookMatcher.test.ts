/** The matcher of a hook means the tools that Claude Code takes it to mean. */
import { describe, expect, it } from "@effect/vitest"
import { matches } from "../../../src/programs/claude/HookMatcher.ts"

const PLACE = "mcp__broker__place_order"

describe("a matcher", () => {
  it.each<[matcher: string | undefined, tool: string, why: string]>([
    [undefined, PLACE, "left out it means everything"],
    ["", PLACE, "empty it means everything"],
    ["*", PLACE, "a star means everything"],
    [PLACE, PLACE, "a name means itself"],
    [`Bash|${PLACE}`, PLACE, "a list with bars means each of its names"],
    [`Bash, ${PLACE}`, PLACE, "a list with commas and spaces too"],
    [` Bash | ${PLACE} `, PLACE, "blanks around a name do not count"],
    ["^mcp__broker__.*", PLACE, "a regular expression is one"],
    ["place_.*", PLACE, "a regular expression is not anchored"],
    ["mcp__(plugin_plimsoll_)?broker__(place_order|replace_order)$", PLACE, "with choices in it too"],
    [
      "^mcp__(plugin_plimsoll_)?broker__place_order$",
      "mcp__plugin_plimsoll_broker__place_order",
      "of a plugin"
    ]
  ])("%j matches %s: %s", (matcher, tool) => {
    expect(matches(matcher, tool)).toBe(true)
  })

  it.each<[matcher: string, tool: string, why: string]>([
    ["mcp__toy", "mcp__toy__place_order", "without signs of a regular expression it is a whole name"],
    ["mcp__broker", PLACE, "a server's name is no tool's"],
    ["place_order", PLACE, "a part of a name is none"],
    ["bash", "Bash", "case counts"],
    ["^broker__", PLACE, "anchored it has to begin there"],
    ["  ", PLACE, "blanks are no name"],
    [`Bash ${PLACE}`, PLACE, "blanks alone make no list"],
    ["(", PLACE, "what is no regular expression matches nothing"],
    ["Bash|Write", "Ba", "a list is no regular expression"]
  ])("%j does not match %s: %s", (matcher, tool) => {
    expect(matches(matcher, tool)).toBe(false)
  })
})
