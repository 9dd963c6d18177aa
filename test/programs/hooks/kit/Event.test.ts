import { describe, expect, it } from "vitest"
import { agentOf, deskTool, mcpOutputs } from "../../../../src/programs/hooks/kit/Event.ts"

describe("a tool of the desk", () => {
  it.each([
    ["mcp__broker__place_order", { server: "broker", tool: "place_order" }],
    ["mcp__plugin_plimsoll_broker__place_order", { server: "broker", tool: "place_order" }],
    ["mcp__market-data__get_quote", { server: "market-data", tool: "get_quote" }],
    ["mcp__plugin_plimsoll_portfolio__get_exposure", { server: "portfolio", tool: "get_exposure" }]
  ])("goes by the name the client gives it: %s", (name, expected) => {
    expect(deskTool(name)).toEqual(expected)
  })

  it.each([
    "place_order",
    "broker__place_order",
    "mcp__broker",
    "mcp__otherbroker__place_order",
    "mcp__broker__",
    "mcp__plugin_other_broker__place_order",
    "x mcp__broker__place_order"
  ])("is none of other names: %s", (name) => {
    expect(deskTool(name)).toBeUndefined()
  })
})

it("an act is the main agent's, or that of the kind of subagent", () => {
  expect(agentOf({})).toEqual({ agent: "main", agentId: undefined })
  expect(agentOf({ agent_id: "a1", agent_type: "researcher" })).toEqual({
    agent: "researcher",
    agentId: "a1"
  })
  expect(agentOf({ agent_id: "a1" })).toEqual({ agent: "unknown subagent", agentId: "a1" })
})

it("what a tool gave is read from a JSON text or from text blocks", () => {
  expect(mcpOutputs('{"a":1}')).toEqual({ a: 1 })
  expect(mcpOutputs([{ type: "text", text: '{"a":1}' }])).toEqual({ a: 1 })
  expect(mcpOutputs([{ type: "text", text: "plain" }])).toBe("plain")
  expect(
    mcpOutputs([
      { type: "text", text: "one" },
      { type: "text", text: "two" }
    ])
  ).toHaveLength(2)
  expect(mcpOutputs(undefined)).toBeUndefined()
})
