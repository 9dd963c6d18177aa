/** The client dies while an order is on its way. Whatever the server had done by then, the order is there once. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { eventsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { at, listAt, parseJson, textAt } from "./harness/Json.ts"
import { writeInto } from "./harness/Play.ts"
import { call, say } from "./harness/Script.ts"
import { quote, small, UNATTENDED, withDesk } from "./Project.ts"

const FILE = ".mcp.json"

/** Puts something between the client and the broker that withholds a `place_order`; gives the file as it was. */
const withhold = (project: string, what: "request" | "answer"): string => {
  const original = readFileSync(join(project, FILE), "utf8")
  const servers = at(parseJson(original), "mcpServers")
  const broker = at(servers, "broker")
  const command = [textAt(broker, "command"), ...listAt(broker, "args")]
  const between = [join(import.meta.dirname, "harness/Withhold.ts"), what, "place_order", ...command]
  const changed = { ...Object(broker), command: process.execPath, args: between }
  writeInto(project, FILE, { mcpServers: { ...Object(servers), broker: changed } })
  return original
}

const script = {
  main: [
    quote(),
    small,
    // Resumed:
    call("mcp__broker__get_orders", {}),
    small,
    call("mcp__broker__explain_order", (seen) => ({ order_id: seen.field("order", "order_id") })),
    say("done")
  ]
}

it.each(["request", "answer"] as const)(
  "an order whose %s was outstanding when the client was killed is there once after it was asked for again",
  (what) => {
    let original = ""
    return withDesk(
      script,
      async (play) => {
        const killed = await play.run("buy two", {
          args: UNATTENDED,
          killAt: { note: what, tool: "mcp__broker__place_order" }
        })
        expect(killed.signal).toBe("SIGKILL")
        expect(sentTo(play.project)).toEqual(what === "request" ? NOTHING : FILLED)

        writeInto(play.project, FILE, original)
        const resumed = await play.run("what became of it?", { args: UNATTENDED })
        expect(resumed.result?.isError).toBe(false)
        expect(sentTo(play.project)).toEqual(FILLED)
        expect(eventsOf(play.project, "OrderFilled")).toHaveLength(1)
        const [orders, again, explained] = resumed.exchanges.at(-1)?.results.slice(-3) ?? []
        expect(listAt(parseJson(orders?.text ?? ""), "orders")).toHaveLength(what === "request" ? 0 : 1)
        expect(textAt(parseJson(again?.text ?? ""), "order", "status")).toBe("Filled")
        expect(explained?.text).toContain("OrderFilled")
      },
      {
        prepare: (project) => {
          original = withhold(project, what)
        }
      }
    )
  }
)
