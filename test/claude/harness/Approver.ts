/**
 * Stands for a person who is asked about each call (`--permission-prompt-tool`), does something else first, and
 * then says yes: `node Approver.ts COMMAND [ARGUMENT …]`. It leaves the note "asked" with what it was asked.
 */
import { spawnSync } from "node:child_process"
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js"

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error("usage: Approver.ts COMMAND [ARGUMENT …]")

const server = new Server({ name: "approver", version: "0.0.0" }, { capabilities: { tools: {} } })

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: "approve", description: "Asks a person", inputSchema: { type: "object" } }]
}))

server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  const asked = params.arguments ?? {}
  await fetch(`${process.env["PLAY_NOTES"]}/asked`, { method: "POST", body: JSON.stringify(asked) })
  const ran = spawnSync(command, args, { encoding: "utf8" })
  const answer =
    ran.status === 0
      ? { behavior: "allow", updatedInput: asked["input"] }
      : { behavior: "deny", message: `${ran.stdout}${ran.stderr}` }
  return { content: [{ type: "text", text: JSON.stringify(answer) }] }
})

await server.connect(new StdioServerTransport())
