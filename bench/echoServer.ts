/** The least a server can be: the SDK and one tool that gives back what it gets. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js"

const server = new Server({ name: "echo", version: "1" }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: "echo", inputSchema: { type: "object" as const } }]
}))
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: "text" as const, text: JSON.stringify(params.arguments) }]
}))
await server.connect(new StdioServerTransport())
