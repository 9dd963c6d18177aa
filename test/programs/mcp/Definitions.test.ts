/** What holds for every tool of the four servers. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { serverNamed } from "../../../src/programs/mcp/Servers.ts"
import { serverNames } from "../../../src/programs/mcp/ServerNames.ts"

/** The most that names, descriptions and input schemas of all tools may take of a model's context, in characters. */
const MOST = 24_000

const definitions = await Promise.all(
  serverNames.map((name) => Effect.runPromise(serverNamed(name, { requirePermit: true })))
)
const tools = definitions.flatMap((server) => server.tools.map((tool) => ({ server: server.name, tool })))

const schemasIn = (schema: unknown): ReadonlyArray<object> =>
  typeof schema !== "object" || schema === null
    ? []
    : [schema, ...Object.values(schema).flatMap((inner) => schemasIn(inner))]

describe("the tools of the four servers", () => {
  it("take no more than 24,000 characters of a model's context together", () => {
    const told = tools.map(({ tool }) => ({
      name: tool.name,
      description: tool.description,
      inputSchema: tool.input()
    }))
    // Each server has its check of health besides.
    const health = JSON.stringify({
      name: "health_check",
      description: "x".repeat(100),
      inputSchema: { type: "object", properties: {}, required: [], additionalProperties: false }
    })
    expect(JSON.stringify(told).length + serverNames.length * health.length).toBeLessThanOrEqual(MOST)
  })

  it.each(tools.map(({ server, tool }) => [`${server} ${tool.name}`, tool] as const))(
    "%s is named and described as tools are, and its schemas name every key",
    (_, tool) => {
      expect(tool.name).toMatch(/^[a-z]+(?:_[a-z]+)+$/u)
      expect(tool.description.length).toBeGreaterThan(20)
      for (const schema of [...schemasIn(tool.input()), ...schemasIn(tool.output())]) {
        // A record's keys would be turned as if they were names.
        if ("additionalProperties" in schema) expect(schema.additionalProperties).toBe(false)
        if ("patternProperties" in schema) expect(schema.patternProperties).toEqual({})
      }
      for (const [tag, step] of Object.entries(tool.next)) {
        expect(tag).toMatch(/^[A-Z][A-Za-z]+$/u)
        expect(step.length).toBeGreaterThan(10)
      }
    }
  )

  it("are called once in each server, and only the broker's change anything but runs", () => {
    for (const { name, tools: own } of definitions) {
      expect(new Set(own.map((tool) => tool.name)).size).toBe(own.length)
      if (name === "broker" || name === "backtest") continue
      expect(
        own.filter(({ annotations }) => annotations.readOnlyHint !== true).map((tool) => tool.name)
      ).toEqual([])
    }
  })

  it("have no tool that resumes, accepts limits or arms anything", () => {
    expect(
      tools.map(({ tool }) => tool.name).filter((name) => /resume|accept|limit|arm|reset|clock/u.test(name))
    ).toEqual([])
  })
})
