/** `.mcp.json` as Claude Code reads it. */
import { describe, expect, it } from "@effect/vitest"
import { expanded, mcpConfig, toolName } from "../../../src/programs/claude/McpConfig.ts"

const read = (content: unknown) =>
  mcpConfig("/.mcp.json", {
    _tag: "Text",
    text: typeof content === "string" ? content : JSON.stringify(content)
  })

describe("the servers of a project", () => {
  it("are Plimsoll's by what they start, whatever they are called", () => {
    const { entries, problem } = read({
      mcpServers: {
        desk: { command: "bin/plimsoll", args: ["mcp", "broker", "--require-permit"], env: { A: "b" } },
        quotes: { type: "stdio", command: "plimsoll", args: ["mcp", "market-data"], alwaysLoad: true },
        other: { type: "http", url: "https://example.org" },
        "not ours": { command: "mcp", args: ["broker"] }
      }
    })
    expect(problem).toBeUndefined()
    expect(entries).toMatchObject([
      { key: "desk", server: "broker", requiresPermit: true, environment: { A: "b" } },
      { key: "quotes", server: "market-data", requiresPermit: false }
    ])
  })

  it.each([
    ["mcp", "broker"],
    ["mcp", "broker", "--require-permit", "false"],
    ["mcp", "broker", "--require-permit=false"],
    ["mcp", "broker", "--require-permit", "--no-require-permit"]
  ])("are not taken for a broker that wants permits: %s %s %s %s", (...args) => {
    const { entries } = read({
      mcpServers: { broker: { command: "bin/plimsoll", args: args.filter(Boolean) } }
    })
    expect(entries).toMatchObject([{ server: "broker", requiresPermit: false }])
  })

  it.each<[what: string, content: unknown, problem: RegExp]>([
    ["no JSON", "{", /not valid JSON/u],
    ["no servers", {}, /no mcpServers/u],
    [
      "arguments that are one text",
      { mcpServers: { a: { command: "x", args: "mcp broker" } } },
      /no mcpServers/u
    ]
  ])("with %s are none, and it is said why", (_, content, problem) => {
    expect(read(content)).toMatchObject({ found: true, entries: [], problem: expect.stringMatching(problem) })
  })

  it("have tools named after the server, with signs that the client replaces", () => {
    expect(toolName("my desk", "place_order")).toBe("mcp__my_desk__place_order")
  })
})

it.each([
  ["${ROOT}/bin", "/r/bin"],
  ["${ROOT:-.}/bin", "/r/bin"],
  ["${NOT_SET:-.}/bin", "./bin"],
  ["${NOT_SET}/bin", "${NOT_SET}/bin"],
  ["${NOT_SET:-}x", "x"],
  ["$ROOT", "$ROOT"]
])("%s stands for %s", (text, expected) => {
  expect(expanded(text, { ROOT: "/r" })).toBe(expected)
})
