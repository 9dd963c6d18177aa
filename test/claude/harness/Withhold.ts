/**
 * Stands between the client and a server, and withholds one call: `node Withhold.ts request|answer TOOL COMMAND…`.
 *
 * "request" keeps the call from the server; "answer" lets the server do its work and keeps its answer from the
 * client. Either leaves a note named for it, so that a test can kill the client at just that moment.
 */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { at, parseJson, textAt } from "./Json.ts"

const [what, tool, command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error("usage: Withhold.ts request|answer TOOL COMMAND [ARGUMENT …]")

const note = (name: string): Promise<unknown> =>
  fetch(`${process.env["PLAY_NOTES"]}/${name}`, { method: "POST", body: "{}" })

const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
let withheld: unknown

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = parseJson(line)
    const wanted = textAt(message, "method") === "tools/call" && textAt(message, "params", "name") === tool
    if (wanted) withheld = at(message, "id")
    if (wanted && what === "request") void note("request")
    else server.stdin.write(`${line}\n`)
  })
  .on("close", () => server.stdin.end())

createInterface({ input: server.stdout }).on("line", (line) => {
  if (withheld !== undefined && at(parseJson(line), "id") === withheld) void note("answer")
  else process.stdout.write(`${line}\n`)
})

server.on("close", (code) => process.exit(code ?? 1))
