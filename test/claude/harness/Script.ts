/**
 * What a scripted model says, turn by turn.
 *
 * A step is a turn, or a function that makes one of what the model has been shown: that is how an order cites
 * the quote_id of the quote before it, and how something is done to the world between two turns.
 */
import { at, parseJson, type Json } from "./Json.ts"

export interface ToolResult {
  readonly callId: string
  readonly isError: boolean
  readonly text: string
}

/** The conversation as one request to the model shows it. */
export interface Seen {
  /** Results of all tool calls so far, oldest first. */
  readonly results: ReadonlyArray<ToolResult>
  /** The newest result's text, or "". */
  readonly last: string
  /**
   * A field of the newest result that is JSON and has it.
   *
   * @throws where no result has: the play fails then, and says which field was wanted.
   */
  readonly field: (...path: ReadonlyArray<string | number>) => Json
}

export interface Call {
  readonly tool: string
  readonly input: Json
  /** Chosen by the script where a test must know it beforehand. */
  readonly callId?: string
}

export type Block = { readonly text: string } | Call

export interface Turn {
  readonly blocks: ReadonlyArray<Block>
  readonly afterMillis?: number
  /** Answered with this HTTP error instead. */
  readonly failure?: { readonly status: number; readonly type: string; readonly message: string }
  /** The connection is cut instead of an answer. */
  readonly drop?: true
}

export type Step = Turn | ((seen: Seen) => Turn | Promise<Turn>)

export interface Script {
  readonly main: ReadonlyArray<Step>
  /** Subagents by name; a request is one's when its system prompt contains the marker. */
  readonly agents?: Readonly<Record<string, { readonly marker: string; readonly steps: ReadonlyArray<Step> }>>
}

export const say = (text: string): Turn => ({ blocks: [{ text }] })

/** One tool call; the input may be made of what was seen. */
export const call =
  (tool: string, input: Json | ((seen: Seen) => Json), callId?: string): Step =>
  (seen) => ({
    blocks: [
      {
        tool,
        input: typeof input === "function" ? input(seen) : input,
        ...(callId === undefined ? {} : { callId })
      }
    ]
  })

/** Several calls in one turn: the client runs them one after the other or together, as it likes. */
export const together = (...calls: ReadonlyArray<Call>): Turn => ({ blocks: calls })

/** The turn that a step makes of what was seen. */
export const turnOf = async (step: Step, seen: Seen): Promise<Turn> =>
  typeof step === "function" ? step(seen) : step

/** The step, said so much later. */
export const later =
  (afterMillis: number, step: Step): Step =>
  async (seen) => ({ ...(await turnOf(step, seen)), afterMillis })

/** Does something to the world while the client waits for this turn. */
export const first =
  (act: () => void | Promise<void>, step: Step): Step =>
  async (seen) => {
    await act()
    return turnOf(step, seen)
  }

export const seenOf = (results: ReadonlyArray<ToolResult>): Seen => ({
  results,
  last: results.at(-1)?.text ?? "",
  field: (...path) => {
    for (const result of results.toReversed()) {
      const found = at(parseJson(result.text), ...path)
      if (found !== undefined) return found
    }
    throw new Error(
      `no tool result so far has the field ${path.join(".")}; the last was: ${results.at(-1)?.text}`
    )
  }
})
