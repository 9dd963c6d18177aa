/** Interactive use: a person is asked before an order, and the market goes on while they think. */
import { join } from "node:path"
import { expect, it } from "vitest"
import { denialsOf, eventsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { textAt } from "./harness/Json.ts"
import { writeInto } from "./harness/Play.ts"
import { say } from "./harness/Script.ts"
import { order, PLACE, quote, repository, withDesk } from "./Project.ts"

/** The person moves the market's time by so much, and says yes. */
const asking = (time: string) => ({
  script: { main: [quote("AAPL"), order({ symbol: "AAPL", quantity: "20" }), say("done")] },
  prepare: (project: string) =>
    writeInto(project, "person.json", {
      mcpServers: {
        person: {
          command: process.execPath,
          args: [
            join(import.meta.dirname, "harness/Approver.ts"),
            join(repository, "bin/plimsoll"),
            "clock",
            "step",
            "--by",
            time
          ],
          env: { PLIMSOLL_HOME: join(project, ".plimsoll") }
        }
      }
    })
})

const ARGS = ["--mcp-config", "person.json", "--permission-prompt-tool", "mcp__person__approve"]

it("nothing in the shipped settings allows an order: a person is asked, once", () => {
  const { prepare, script } = asking("1s")
  return withDesk(
    script,
    async (play) => {
      await play.run("buy twenty", { args: ARGS })
      expect(play.notes.map(({ body }) => textAt(body, "tool_name"))).toEqual([PLACE])
      expect(sentTo(play.project)).toEqual(FILLED)
    },
    { prepare }
  )
})

it("without anybody to ask, and without being allowed beforehand, there is no order", () =>
  withDesk({ main: [quote(), order({ quantity: "2" }), say("done")] }, async (play) => {
    const run = await play.run("buy two")
    expect(run.result?.denied).toEqual([PLACE])
    expect(eventsOf(play.project, "OrderInitialized")).toEqual([])
  }))

it("an order passes whose quote aged for half an hour while a person was asked, for the market stayed", () => {
  const { prepare, script } = asking("30m")
  return withDesk(
    script,
    async (play) => {
      await play.run("buy twenty", { args: ARGS })
      expect(sentTo(play.project)).toEqual(FILLED)
    },
    { prepare }
  )
})

it("an order is denied from which the market moved away while a person was asked, and a new quote is wanted", () => {
  const { prepare, script } = asking("90m")
  return withDesk(
    script,
    async (play) => {
      const run = await play.run("buy twenty", { args: ARGS })
      expect(denialsOf(play.project)).toEqual(["quote-freshness"])
      expect(run.exchanges.at(-1)?.results.at(-1)?.text).toContain("Requote:")
      expect(sentTo(play.project)).toEqual(NOTHING)
    },
    { prepare }
  )
})
