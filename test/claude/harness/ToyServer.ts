/** A broker of a few lines for the tests of the harness itself: it leaves a note of every order it takes. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js"

const notes = process.env["PLAY_NOTES"] ?? ""

const note = (name: string, body: unknown): Promise<Response> =>
  fetch(`${notes}/${name}`, { method: "POST", body: JSON.stringify(body) })

const server = new Server({ name: "broker", version: "0.0.0" }, { capabilities: { tools: {} } })

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [
    {
      name: "get_quote",
      description: "A price",
      inputSchema: { type: "object", properties: { symbol: { type: "string" } }, required: ["symbol"] }
    },
    {
      name: "place_order",
      description: "Places an order",
      inputSchema: {
        type: "object",
        properties: { symbol: { type: "string" }, quote_id: { type: "string" }, slow: { type: "boolean" } },
        required: ["symbol"]
      }
    }
  ]
}))

server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  if (params.name === "get_quote") {
    return {
      content: [{ type: "text", text: JSON.stringify({ quote_id: "q-1", prices: { ask: "101.5" } }) }]
    }
  }
  await note("order", { arguments: params.arguments, callId: params._meta?.["claudecode/toolUseId"] })
  // For a client that is to die with the answer outstanding.
  if (params.arguments?.["slow"] === true) await new Promise(() => {})
  return { content: [{ type: "text", text: "order placed" }] }
})

await server.connect(new StdioServerTransport())
