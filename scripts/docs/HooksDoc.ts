/** docs/hooks.md: what the hooks do, from the settings, and from what they answered to real events. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type HookName, hookNames } from "../../src/programs/hooks/HookNames.ts"
import { DEADLINE_MILLIS } from "../../src/programs/hooks/kit/Hook.ts"
import { type HookExample, hookExamples } from "./HookExamples.ts"
import { code, fenced, json, table } from "./Markdown.ts"

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

interface Handler {
  readonly event: string
  readonly matcher: string
  readonly hook: string
  readonly timeout: string
  readonly blocks: boolean
}

/** The handlers of .claude/settings.json. */
const handlersOf = (root: string): ReadonlyArray<Handler> => {
  const settings: unknown = JSON.parse(readFileSync(join(root, ".claude/settings.json"), "utf8"))
  const hooks = isRecord(settings) && isRecord(settings["hooks"]) ? settings["hooks"] : {}
  return Object.entries(hooks).flatMap(([event, groups]) =>
    listOf(groups)
      .filter(isRecord)
      .flatMap((group) =>
        listOf(group["hooks"])
          .filter(isRecord)
          .map((handler) => ({
            event,
            matcher: typeof group["matcher"] === "string" ? group["matcher"] : "",
            hook: /(?<name>[a-z-]+)\.sh$/u.exec(String(handler["command"]))?.groups?.["name"] ?? "",
            timeout: String(handler["timeout"]),
            blocks: handler["onFailure"] === "block"
          }))
      )
  )
}

interface Words {
  readonly what: string
  /** What comes of it when the hook itself goes wrong. */
  readonly failing: string
}

const words: Readonly<Record<HookName, Words>> = {
  "risk-validator": {
    what: `Holds an order against every rule before the call reaches the broker: the same pure functions as the
broker's, on a snapshot of the desk. An order with legs is judged whole, on the quote each leg cites, and \`close_position\` of
a structure as the one order that closes it. A denial names every rule that refuses. When nothing is against it, it leaves a
**permit** for exactly this call in the desk's database (the call's id, tool, hash of the arguments, agent, session; good
for fifteen minutes and for one order), which the broker takes ([ADR 20](adr/0020-permits.md)). It reads the desk and
writes nothing but the permit; it never asks for a quote, turns the crank or sends anything.`,
    failing: "blocks, and leaves no permit"
  },
  "log-trade": {
    what: `Writes a line of JSON for every call of a broker tool, also one that failed: computer's time, session, agent, tool,
arguments, answer, duration. One file a day, by the date in New York, below \`.plimsoll/trades/\`; parallel writers do not
mix their lines; what looks like a secret is left out; a line has at most 64 kB. It is for people. What is binding is the
journal and the audit log, which the broker writes itself. A call that a hook denied did not run and is not in it.`,
    failing: "the call has happened already; the failure is shown to the person (exit 1)"
  },
  "load-context": {
    what: `Tells the person in a banner and the model in at most 2,000 characters how the desk stands: trading state, money,
positions, market time, last order and fill, limits used. Before that it sends the **canary**: it finds the hook before
orders as it is configured, by its matcher, and runs it on an order that must be denied, and asks the broker for a
preview of the same order as if it had its permit. Both have to name the rule they should. Nothing is journaled. When one
does not, trading halts, and banner and model are told. Where there is no desk yet, and a \`plimsoll.json\`, it makes one.`,
    failing: "the session begins, and says that the guards are unproven; it has 15 s instead of 2"
  },
  "parse-backtest": {
    what: `After a shell command that ran \`lean backtest\`, however it was spelled (a path, \`bash -c\`, \`cd … &&\`, variables before
it), finds the result files and tells the model Sharpe, drawdown, return and the probabilistic Sharpe ratio, instead of
leaving it to read thousands of lines. Both casings of LEAN's files are read.`,
    failing: "nothing is added; a line on standard error"
  },
  "algo-change-guard": {
    what: `Looks at what an agent is about to change. **Denied**: \`.claude/settings*\`, \`.claude/hooks/\`, \`.mcp.json\`,
\`plimsoll.json\`, the desk's own files, \`bin/plimsoll\` and the bundles in \`dist/\`, by the file tools and by shell commands
(Bash, Monitor) that write there; a person's commands (\`plimsoll order\`, \`resume\`, \`clock\`, \`account\`, \`storage\`, \`recover\`, \`init\`,
\`limits accept\`), however they are spelled; a broker server without \`--require-permit\`; a
second Claude Code with settings, servers or plugins of its own. **Asked**: \`.claude/agents\`, \`skills\` and \`commands\`,
which may start servers and hooks of their own; \`algorithms/\`, with a line in \`.plimsoll/trades/algorithm-changes.jsonl\` that holds hashes of the text before and after; a command that cannot be
read to its end and names any of these. Everything else passes: \`npm ci\` and \`npm run build\` too. Changes of the settings
while a session runs (ConfigChange) are refused when a guard would be missing afterwards.`,
    failing: "blocks the edit or the command"
  }
}

/** What a hook says to the client: a decision, or texts for person and model. */
const said = (out: string): ReadonlyArray<string> => {
  const value: unknown = JSON.parse(out)
  const { hookSpecificOutput: specific, systemMessage: banner } = isRecord(value) ? value : {}
  const context = isRecord(specific) ? specific["additionalContext"] : undefined
  if (typeof context !== "string") return ["On standard output:", json(value)]
  return [
    ...(typeof banner === "string" ? ["The person sees (`systemMessage`):", fenced("text", banner)] : []),
    "The model is told (`additionalContext`):",
    fenced("text", context)
  ]
}

const ending = ({ code: exit, err, out, wrote }: HookExample): string =>
  [
    `Exit ${String(exit)}${out === "" && err === "" ? ", nothing printed" : ""}.`,
    ...(err === "" ? [] : ["On standard error:", fenced("text", err)]),
    ...(out === "" ? [] : said(out)),
    ...(wrote === undefined ? [] : [`Written to \`${wrote.file}\`:`, json(JSON.parse(wrote.line))])
  ].join("\n\n")

const exampleText = (example: HookExample): string =>
  [`_${example.title}._`, json(example.event), ending(example)].join("\n\n")

const hookText = (
  name: HookName,
  handlers: ReadonlyArray<Handler>,
  examples: ReadonlyArray<HookExample>
): string => {
  const own = handlers.filter(({ hook }) => hook === name)
  const rows = own.map(({ blocks, event, matcher, timeout }) => [
    event,
    matcher === "" ? "every one" : code(matcher),
    `${timeout} s`,
    blocks ? "block" : ""
  ])
  return [
    `## ${name}`,
    words[name].what,
    table(["event", "tools", "the client waits", "on failure"], rows),
    `When it goes wrong: ${words[name].failing}.`,
    ...examples.filter(({ hook }) => hook === name).map(exampleText)
  ].join("\n\n")
}

const HEAD = `# Hooks

_Written by \`npm run docs:write\`. Events, matchers and time limits are those of \`.claude/settings.json\`; the examples are
real: each event was given to the hook in a new project, and what differs from one machine or minute to the next is
replaced._

Claude Code runs these programs at its events: a shell launcher in \`.claude/hooks/\` finds the right Node and starts a bundle
in \`dist/hooks/\`, which starts in about the time of Node itself. They read the event as JSON from standard input.

The hooks are the second layer. The first is the broker, which evaluates every rule itself and takes no order that
risk-validator has not left a permit for: a hook that does not run stops orders instead of letting them through
([ADR 22](adr/0022-hooks-fail-closed.md)). What they stop and what they cannot is in the
[threat model](threat-model.md#what-hooks-stop-and-what-they-cannot).

## How they end

| what                                                                      | exit code | standard output | standard error |
| ------------------------------------------------------------------------- | --------- | --------------- | -------------- |
| nothing against it                                                        | 0         | nothing         | nothing        |
| denied                                                                    | 2         | nothing         | the reason     |
| a person is asked                                                         | 0         | one JSON object | nothing        |
| something is told to the model                                            | 0         | one JSON object | nothing        |
| anything unexpected, in a hook that guards (risk-validator, algo-change-guard) | 2    | nothing         | what it was    |
| anything unexpected, in another one                                       | 0 or 1    | nothing         | what it was    |

Unexpected is: empty or invalid input, an event the hook does not know, a desk that cannot be read, a defect, a rejected
promise, a signal, and more than ${DEADLINE_MILLIS / 1000} seconds from the start of the process. The client's own time limit is longer, so that it
is the hook who answers. Any text on standard output besides one JSON object would let a call through: there is none.

In a fresh clone without \`dist/\`, risk-validator blocks orders and says to run \`npm ci\`; the others let work go on, with a
line on standard error. \`plimsoll doctor\` shows for each hook whether it is configured, reachable and denies the canary.`

/** The whole page, not formatted yet. */
export const hooksDoc = async (root: string): Promise<string> => {
  const handlers = handlersOf(root)
  const examples = await hookExamples(root)
  return [HEAD, ...hookNames.map((name) => hookText(name, handlers, examples))].join("\n\n")
}
