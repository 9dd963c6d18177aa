/**
 * A stand-in for the Messages API on the loopback: it plays a script and keeps every request it was sent.
 *
 * Requests without tools are the client's own business (titles, summaries) and are answered "ok". A script that
 * has come to its end answers with a text, so that every run ends. A step that throws fails the play.
 *
 * `POST /note/NAME` is for what the client starts, servers and hooks: a note they leave there is an event that
 * a test can wait for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { at, listAt, parseJson, textAt, type Json } from "./Json.ts"
import { seenOf, turnOf, type Block, type Script, type Step, type ToolResult, type Turn } from "./Script.ts"

/** One request to the model, and what it was answered. */
export interface Exchange {
  /** "main", "side", or the name of a subagent in the script. */
  readonly who: string
  readonly system: string
  readonly tools: ReadonlyArray<string>
  readonly messages: ReadonlyArray<Json>
  readonly results: ReadonlyArray<ToolResult>
  readonly reply: ReadonlyArray<Json>
}

export interface Note {
  readonly name: string
  readonly body: Json | undefined
}

export interface FakeApi {
  readonly url: string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly notes: ReadonlyArray<Note>
  /** Steps of the script that threw. */
  readonly faults: ReadonlyArray<string>
  /** Resolves with the first note of that name, which may have come already. */
  readonly noted: (name: string) => Promise<Note>
  readonly close: () => Promise<void>
}

/** The text of a message's content, of whichever form it has. */
export const contentText = (content: Json | undefined): string => {
  if (typeof content === "string") return content
  return listAt(content)
    .map((block) =>
      textAt(block, "type") === "tool_result" ? contentText(at(block, "content")) : textAt(block, "text")
    )
    .join("\n")
}

const toolResults = (messages: ReadonlyArray<Json>): ReadonlyArray<ToolResult> =>
  messages
    .filter((message) => textAt(message, "role") === "user")
    .flatMap((message) => listAt(message, "content"))
    .filter((block) => textAt(block, "type") === "tool_result")
    .map((block) => ({
      callId: textAt(block, "tool_use_id"),
      isError: at(block, "is_error") === true,
      text: contentText(at(block, "content"))
    }))

const ENDED: Turn = { blocks: [{ text: "(the script has ended)" }] }

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
  return text
}

const answerJson = (response: ServerResponse, status: number, body: Json): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  answerJson(response, status, { type: "error", error: { type, message } })

const usage = (output: number): Json => ({
  input_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output
})

/** One message as the events of a stream. */
const stream = (
  response: ServerResponse,
  message: { readonly [key: string]: Json },
  reply: ReadonlyArray<Json>,
  stopReason: string
): void => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  const send = (type: string, fields: { readonly [key: string]: Json }): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  }
  send("message_start", {
    message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: usage(1) }
  })
  for (const [index, block] of reply.entries()) {
    const isText = textAt(block, "type") === "text"
    send("content_block_start", {
      index,
      content_block: isText
        ? { type: "text", text: "" }
        : { type: "tool_use", id: textAt(block, "id"), name: textAt(block, "name"), input: {} }
    })
    send("content_block_delta", {
      index,
      delta: isText
        ? { type: "text_delta", text: textAt(block, "text") }
        : { type: "input_json_delta", partial_json: JSON.stringify(at(block, "input")) }
    })
    send("content_block_stop", { index })
  }
  send("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage: usage(20) })
  send("message_stop", {})
  response.end()
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (address === null || typeof address === "string") reject(new Error("the stand-in has no port"))
      else resolve(`http://127.0.0.1:${address.port}`)
    })
  })

/** Which of the script's voices a request is for, and the next step of each. */
const voices = (script: Script) => {
  const positions = new Map<string, number>()
  const agents = Object.entries(script.agents ?? {})
  const next = (who: string, steps: ReadonlyArray<Step>): Step => {
    const position = positions.get(who) ?? 0
    positions.set(who, position + 1)
    return steps[position] ?? ENDED
  }
  return (system: string, tools: ReadonlyArray<string>): { readonly who: string; readonly step: Step } => {
    for (const [name, { marker, steps }] of agents) {
      if (system.includes(marker)) return { who: name, step: next(name, steps) }
    }
    return tools.length === 0
      ? { who: "side", step: { blocks: [{ text: "ok" }] } }
      : { who: "main", step: next("main", script.main) }
  }
}

export const startFakeApi = async (script: Script): Promise<FakeApi> => {
  const exchanges: Array<Exchange> = []
  const notes: Array<Note> = []
  const faults: Array<string> = []
  const waiting: Array<{ readonly name: string; readonly wake: (note: Note) => void }> = []
  const voiceOf = voices(script)
  let calls = 0

  const takeNote = (note: Note): void => {
    notes.push(note)
    for (const { name, wake } of waiting) if (name === note.name) wake(note)
  }

  const wireBlock = (block: Block): Json =>
    "tool" in block
      ? {
          type: "tool_use",
          id: block.callId ?? `toolu_scripted_${String((calls += 1)).padStart(4, "0")}`,
          name: block.tool,
          input: block.input
        }
      : { type: "text", text: block.text }

  const answerOf = async (step: Step, results: ReadonlyArray<ToolResult>): Promise<Turn> => {
    try {
      return await turnOf(step, seenOf(results))
    } catch (cause) {
      const fault = cause instanceof Error ? cause.message : String(cause)
      faults.push(fault)
      return { blocks: [{ text: `(the script failed: ${fault})` }] }
    }
  }

  const message = async (request: Json | undefined, response: ServerResponse): Promise<void> => {
    const system = contentText(at(request, "system"))
    const tools = listAt(request, "tools").map((tool) => textAt(tool, "name"))
    const messages = listAt(request, "messages")
    const results = toolResults(messages)
    const { who, step } = voiceOf(system, tools)
    const turn = await answerOf(step, results)
    if (turn.afterMillis !== undefined) await new Promise((wake) => setTimeout(wake, turn.afterMillis))
    const reply = turn.blocks.map(wireBlock)
    exchanges.push({ who, system, tools, messages, results, reply })
    if (turn.drop === true) {
      response.destroy()
      return
    }
    if (turn.failure !== undefined) {
      refuse(response, turn.failure.status, turn.failure.type, turn.failure.message)
      return
    }
    const stopReason = turn.blocks.some((block) => "tool" in block) ? "tool_use" : "end_turn"
    const head = {
      id: `msg_scripted_${exchanges.length}`,
      type: "message",
      role: "assistant",
      model: textAt(request, "model")
    }
    if (at(request, "stream") === true) stream(response, head, reply, stopReason)
    else {
      answerJson(response, 200, {
        ...head,
        content: reply,
        stop_reason: stopReason,
        stop_sequence: null,
        usage: usage(20)
      })
    }
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname
    const body = parseJson(await bodyOf(request))
    if (request.method === "POST" && path === "/v1/messages") await message(body, response)
    else if (request.method === "POST" && path === "/v1/messages/count_tokens") {
      answerJson(response, 200, { input_tokens: 1000 })
    } else if (request.method === "POST" && path.startsWith("/note/")) {
      takeNote({ name: path.slice("/note/".length), body })
      response.writeHead(204).end()
    } else refuse(response, 404, "not_found_error", `the stand-in has no ${path}`)
  }

  const server = createServer((request, response) => {
    route(request, response).catch((cause: unknown) => {
      faults.push(String(cause))
      response.destroy()
    })
  })
  const url = await listen(server)
  return {
    url,
    exchanges,
    notes,
    faults,
    noted: (name) =>
      new Promise((resolve) => {
        const had = notes.find((note) => note.name === name)
        if (had === undefined) waiting.push({ name, wake: resolve })
        else resolve(had)
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
