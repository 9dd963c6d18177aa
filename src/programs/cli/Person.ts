/**
 * Acts that are a person's alone: loosening limits, resuming, moving money.
 *
 * A person is somebody at a terminal who types back a code that was just shown
 * there. That keeps out tools, scripts and text that tries to talk an agent
 * into something; what it cannot keep out docs/threat-model.md says.
 */
import { randomInt } from "node:crypto"
import { createInterface } from "node:readline"
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../../domain/Actor.ts"
import { err, shown } from "./Terminal.ts"

/** Only a person may do this, and it was not a person who asked, or the code was not typed. */
export class NotAPerson extends Schema.TaggedError<NotAPerson>()("NotAPerson", {
  message: Schema.String
}) {}

/** The terminal, as far as a person needs it. */
export interface TerminalPort {
  /** Standard input and standard output are both terminals. */
  readonly isTerminal: boolean
  readonly show: (text: string) => void
  /** A line typed after `question`; none when the input ends. */
  readonly ask: (question: string) => Effect.Effect<Option.Option<string>>
  readonly newCode: () => string
}

const CODE_LENGTH = 6
/** Without letters and digits that look alike. */
const ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

const askOnStandardError = (question: string): Effect.Effect<Option.Option<string>> =>
  Effect.callback<Option.Option<string>>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
    let answered = false
    lines.question(shown(question), (answer) => {
      answered = true
      lines.close()
      resume(Effect.succeed(Option.some(answer)))
    })
    lines.on("close", () => {
      if (answered) return
      process.stderr.write("\n")
      resume(Effect.succeedNone)
    })
    return Effect.sync(() => lines.close())
  })

const standardTerminal = (): TerminalPort => ({
  isTerminal: process.stdin.isTTY && process.stdout.isTTY,
  show: (text) => {
    err(text)
  },
  ask: askOnStandardError,
  newCode: () => Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("")
})

export class Person extends Context.Service<
  Person,
  {
    readonly isAtTerminal: boolean
    /** Who a command is done by: a person at a terminal; a program otherwise, and only a person's orders are a person's. */
    readonly actor: Actor
    /** A yes or no; no when the input ends. Only to be asked at a terminal. */
    readonly confirms: (question: string) => Effect.Effect<boolean>
    /**
     * The person who does `act` ("Resuming trading"): fails without a terminal,
     * or when the code that is shown is not typed back. `stays` says what then
     * stays as it was.
     */
    readonly proves: (act: string, stays: string) => Effect.Effect<Actor, NotAPerson>
  }
>()("plimsoll/programs/cli/Person") {
  static readonly layerOf = (terminal: TerminalPort): Layer.Layer<Person> =>
    Layer.succeed(Person, make(terminal))

  /** This process's terminal. */
  static readonly layer: Layer.Layer<Person> = Layer.sync(Person, () => make(standardTerminal()))
}

const make = (terminal: TerminalPort): Person["Service"] => {
  const actor: Actor = { kind: terminal.isTerminal ? "person" : "agent", name: "cli" }
  return {
    isAtTerminal: terminal.isTerminal,
    actor,
    confirms: (question) =>
      Effect.map(
        terminal.ask(`${question} [y/N] `),
        Option.exists((answer) => /^y(?:es)?$/iu.test(answer.trim()))
      ),
    proves: Effect.fn("Person.proves")(function* (act, stays) {
      if (!terminal.isTerminal) {
        return yield* new NotAPerson({
          message: `${act} is a person's act: it needs a terminal, where a code is shown and typed back. ${stays}`
        })
      }
      const code = terminal.newCode()
      terminal.show(`${act} is a person's act. Type this code to go on: ${code}`)
      const typed = yield* terminal.ask("Code: ")
      if (Option.isSome(typed) && typed.value.trim().toUpperCase() === code) return actor
      return yield* new NotAPerson({
        message: `${Option.isNone(typed) ? "no code was typed" : `"${typed.value.trim().slice(0, 20)}" is not the code`}. ${stays}`
      })
    })
  }
}
