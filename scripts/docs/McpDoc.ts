/** docs/mcp.md: what the four servers offer, from their definitions and from real answers. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { MAX_ANSWER } from "../../src/programs/mcp/kit/Answer.ts"
import { type Example, type ListedTool, mcpExamples, type ShownServer } from "./McpExamples.ts"
import { code, fenced, json, table } from "./Markdown.ts"

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const bounds = (least: unknown, most: unknown): string => {
  if (most === undefined) return ""
  return least === undefined ? `, at most ${String(most)}` : `, ${String(least)} to ${String(most)}`
}

const isObject = (schema: unknown): boolean => isRecord(schema) && isRecord(schema["properties"])

/** A JSON Schema in words. */
const typeWords = (schema: unknown): string => {
  if (!isRecord(schema)) return ""
  const {
    anyOf,
    enum: named,
    items,
    maxItems,
    maxLength,
    maximum,
    minItems,
    minimum,
    pattern,
    properties,
    type
  } = schema
  if (Array.isArray(named)) return named.map((name) => code(String(name))).join(", ")
  if (Array.isArray(anyOf)) {
    const parts: ReadonlyArray<unknown> = anyOf
    // Money, prices and quantities: exact as text, and a number is taken too.
    return parts.some(isObject) ? parts.map(typeWords).join(", or ") : "decimal"
  }
  if (isRecord(properties)) return `fields ${Object.keys(properties).map(code).join(", ")}`
  if (type === "array") return `list of ${typeWords(items)}${bounds(minItems, maxItems)}`
  if (type === "integer") return `whole number${bounds(minimum, maximum)}`
  if (type === "number") return `number${bounds(minimum, maximum)}`
  if (type === "boolean") return "true or false"
  if (typeof pattern === "string") {
    return pattern.startsWith(String.raw`^\d{4}-`) ? "date, `YYYY-MM-DD`" : `text like ${code(pattern)}`
  }
  return `text${maxLength === undefined ? "" : `, at most ${String(maxLength)} characters`}`
}

const argumentsOf = (schema: unknown): string => {
  if (!isRecord(schema) || !isRecord(schema["properties"])) return "No arguments."
  const required = new Set(listOf(schema["required"]))
  const rows = Object.entries(schema["properties"]).map(([name, inner]) => [
    code(name),
    typeWords(inner),
    required.has(name) ? "yes" : "",
    isRecord(inner) && typeof inner["description"] === "string" ? inner["description"] : ""
  ])
  return rows.length === 0 ? "No arguments." : table(["argument", "type", "required", "what it is"], rows)
}

/** What it does to the desk, as its annotations say. */
const kindOf = ({ annotations }: ListedTool): string => {
  if (annotations?.readOnlyHint === true) return "reads"
  return annotations?.destructiveHint === true ? "changes the desk" : "adds to the desk"
}

/** Steps that at least so many tools share are told once, at the end. */
const SHARED_BY = 3

type Steps = ReadonlyArray<readonly [tag: string, step: string]>

const stepsOf = (servers: ReadonlyArray<ShownServer>) => {
  const all = servers.flatMap(({ definition }) =>
    definition.tools.flatMap(({ next }) => Object.entries(next))
  )
  const counts = new Map<string, number>()
  for (const step of all) {
    const key = JSON.stringify(step)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const isShared = (step: readonly [string, string]): boolean =>
    (counts.get(JSON.stringify(step)) ?? 0) >= SHARED_BY
  const shared: Steps = [
    ...new Map(all.filter(isShared).map((step) => [JSON.stringify(step), step])).values()
  ]
  return { isShared, shared: shared.toSorted(([a], [b]) => (a < b ? -1 : 1)) }
}

const failuresOf = (steps: Steps, isShared: (step: readonly [string, string]) => boolean): string => {
  const own = steps.filter((step) => !isShared(step))
  const names = steps.filter(isShared).map(([tag]) => code(tag))
  const rest = names.length === 0 ? "" : `[Shared failures](#shared-failures): ${names.join(", ")}.`
  if (own.length === 0) return rest
  const rows = own.map(([tag, step]) => [code(tag), step])
  return [table(["failure", "what to do next"], rows), ...(rest === "" ? [] : [rest])].join("\n\n")
}

const exampleText = ({ answer, args, title, tool }: Example): string => {
  const asked = `${title === "" ? "" : `_${title}._\n\n`}${fenced("json", `{ "name": ${JSON.stringify(tool)}, "arguments": ${JSON.stringify(args)} }`)}`
  if (!answer.isError) return `${asked}\n\n${json(answer.value)}`
  const lines = answer.text.split("\n")
  const details = lines.filter((line) => line.startsWith("{")).map((line) => json(JSON.parse(line)))
  const words = lines.filter((line) => !line.startsWith("{")).join("\n")
  return [asked, fenced("text", words), ...details].join("\n\n")
}

const HEALTH = "health_check"

const toolText = (
  tool: ListedTool,
  steps: Steps,
  examples: ReadonlyArray<Example>,
  isShared: (step: readonly [string, string]) => boolean
): string =>
  [
    `### \`${tool.name}\``,
    `**${tool.title ?? tool.name}**, ${kindOf(tool)}. ${tool.description ?? ""}`,
    argumentsOf(tool.inputSchema),
    failuresOf(steps, isShared),
    ...examples.map(exampleText)
  ]
    .filter((part) => part !== "")
    .join("\n\n")

/** How `.mcp.json` starts a server. */
const commandOf = (root: string, name: string): string => {
  const file: unknown = JSON.parse(readFileSync(join(root, ".mcp.json"), "utf8"))
  const servers = isRecord(file) && isRecord(file["mcpServers"]) ? file["mcpServers"] : {}
  const server = servers[name]
  return isRecord(server) ? `plimsoll ${listOf(server["args"]).join(" ")}` : ""
}

const serverText = (
  root: string,
  { definition, listed }: ShownServer,
  examples: ReadonlyArray<Example>,
  isShared: (step: readonly [string, string]) => boolean
): string => {
  const steps = new Map(definition.tools.map((tool) => [tool.name, Object.entries(tool.next)]))
  const resources = definition.resources.map(({ description, title, uri }) => [code(uri), title, description])
  return [
    `## ${definition.name}`,
    `${definition.title}, started as \`${commandOf(root, definition.name)}\`. What it tells the model when it connects: "${definition.instructions}"`,
    ...listed
      .filter(({ name }) => name !== HEALTH)
      .map((tool) =>
        toolText(
          tool,
          steps.get(tool.name) ?? [],
          examples.filter((example) => example.server === definition.name && example.tool === tool.name),
          isShared
        )
      ),
    ...(resources.length === 0
      ? []
      : [`### Resources of ${definition.name}`, table(["address", "what", "it holds"], resources)])
  ].join("\n\n")
}

const lengthOf = (value: unknown): number => JSON.stringify(value).length

/** What of the listing goes into a model's context, and what does not. */
const sizesOf = ({ listed }: ShownServer) => ({
  tools: listed.length,
  told: lengthOf(listed.map(({ description, inputSchema, name }) => ({ name, description, inputSchema }))),
  output: lengthOf(listed.map(({ outputSchema }) => outputSchema))
})

const thousands = (count: number): string => count.toLocaleString("en-US")

const sizesText = (servers: ReadonlyArray<ShownServer>): string => {
  const sizes = servers.map((server) => ({ name: server.definition.name, ...sizesOf(server) }))
  const sum = (of: (size: (typeof sizes)[number]) => number): number =>
    sizes.reduce((total, size) => total + of(size), 0)
  return table(
    ["server", "tools", "names, descriptions, input schemas", "output schemas"],
    [
      ...sizes.map(({ name, output, told, tools }) => [
        name,
        String(tools),
        thousands(told),
        thousands(output)
      ]),
      [
        "together",
        String(sum(({ tools }) => tools)),
        thousands(sum(({ told }) => told)),
        thousands(sum(({ output }) => output))
      ]
    ]
  )
}

const overview = (servers: ReadonlyArray<ShownServer>): string =>
  table(
    ["server", "tool", "what", "does"],
    servers.flatMap(({ definition, listed }) =>
      listed.map((tool) => [
        definition.name,
        `[\`${tool.name}\`](#${tool.name})`,
        tool.title ?? "",
        kindOf(tool)
      ])
    )
  )

const HEAD = `# MCP tools

_Written by \`npm run docs:write\` from the servers' definitions. The examples are real: the tools were asked one after the
other on a new desk that starts on 2015-03-02, and what differs from one machine or minute to the next (computer's times,
audit hashes, backtest ids, paths, durations) is replaced. "… 15 more" stands for the rest of a list._

Claude Code starts four servers from \`.mcp.json\`, over standard input and output. They are processes of one desk: what one
does, the others see at once. In Claude Code a tool is called \`mcp__SERVER__TOOL\`, as in \`mcp__broker__place_order\`;
installed as a plugin, \`mcp__plugin_plimsoll_SERVER__TOOL\`.

## What holds for all of them

- **Names** are snake_case. Money, prices and quantities are decimals as text (\`"12.50"\`); arguments take numbers (\`12.5\`) too. Ratios are
  numbers: 0.1 is 10%. Times are UTC with six decimals; \`as_of\` and \`at\` are market time, \`wall_time\` is the computer's.
  Losses and drawdowns are at or below zero.
- **Unknown arguments are refused**, with the path and the nearest known name.
- **A failure** is an answer with \`isError\`, its first line \`TAG: what is wrong\`, its second \`Next: what to do\`.
- **An answer** has at most ${thousands(MAX_ANSWER)} characters, whatever was asked. Longer lists come in pages: \`next_cursor\`
  is passed back as \`cursor\`, with the other arguments as before.
- **Paper**: every answer about trading says \`trading_mode\`.
- **No tool** resumes, loosens a limit, moves the clock or moves money.
- **Orders** (\`place_order\`, \`replace_order\`, \`close_position\`) need a permit that the hook risk-validator leaves for that
  very call: [hooks.md](hooks.md), [ADR 20](adr/0020-permits.md).
- **Canceling a call** ends it. An order that had been journaled goes on; \`get_orders\` shows it.`

const KIT: Steps = [
  ["ArgumentsInvalid", "call it again with arguments as it takes them. Nothing was done."],
  ["AnswerTooLong", "ask for less: a shorter period, fewer symbols, or a smaller limit."],
  [
    "DeskUnavailable",
    "health_check says how the desk stands; a person may have to run `plimsoll init` or `plimsoll doctor`. No order was sent."
  ],
  ["Bug", "look at what has come of it (get_orders, get_positions) before you try again, and tell a person."]
]

/** The whole page, not formatted yet. */
export const mcpDoc = async (root: string): Promise<string> => {
  const { examples, servers } = await mcpExamples()
  const { isShared, shared } = stepsOf(servers)
  const [first] = servers
  const health = first?.listed.find(({ name }) => name === HEALTH)
  return [
    HEAD,
    "## Tools",
    overview(servers),
    "## Sizes",
    "Characters of JSON. The first column is what a client may put before a model for every tool it offers.",
    sizesText(servers),
    ...servers.map((server) => serverText(root, server, examples, isShared)),
    "## In every server",
    ...(health === undefined
      ? []
      : [
          toolText(
            health,
            [],
            examples.filter(({ tool }) => tool === HEALTH),
            isShared
          )
        ]),
    "## Shared failures",
    "Those that several tools can meet. The first four can come from any tool.",
    table(
      ["failure", "what to do next"],
      [...KIT, ...shared].map(([tag, step]) => [code(tag), step])
    )
  ].join("\n\n")
}
