/** The command line in this process: what it wrote, and its exit code. */
import { Cause, Effect, Exit, Fiber, Option } from "effect"
import { Person } from "../../../src/programs/cli/Person.ts"
import { runCommandLine } from "../../../src/programs/cli/full.ts"

/** What is typed at the terminal: the code that is shown, or this text. Without it there is no terminal. */
export type Typed = "the code" | { readonly text: string } | "nothing"

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const CODE = "ABC234"

const personWho = (typed: Typed | undefined) =>
  Person.layerOf({
    isTerminal: typed !== undefined,
    show: (text) => {
      process.stderr.write(`${text}\n`)
    },
    ask: () =>
      Effect.succeed(
        typed === undefined || typed === "nothing"
          ? Option.none()
          : Option.some(typed === "the code" ? CODE : typed.text)
      ),
    newCode: () => CODE
  })

const captured = (stream: NodeJS.WriteStream) => {
  const texts: Array<string> = []
  const { write } = stream
  stream.write = (text: string | Uint8Array): boolean => {
    texts.push(typeof text === "string" ? text : Buffer.from(text).toString())
    return true
  }
  return {
    end: () => {
      stream.write = write
      return texts.join("")
    }
  }
}

/** What goes by way of the console (shell completions do) is standard output too. */
const consoleOnStandardOutput = () => {
  const { log } = console
  console.log = (...parts: ReadonlyArray<unknown>) => {
    process.stdout.write(`${parts.map(String).join(" ")}\n`)
  }
  return () => {
    console.log = log
  }
}

const INTERRUPTED = 130

/** Runs `plimsoll` with these arguments in the current folder; `signal` is its Ctrl-C. */
export const plimsoll = async (
  args: ReadonlyArray<string>,
  typed?: Typed,
  signal?: AbortSignal
): Promise<Ran> => {
  const stdout = captured(process.stdout)
  const stderr = captured(process.stderr)
  const restoreConsole = consoleOnStandardOutput()
  try {
    const fiber = Effect.runFork(runCommandLine(args, personWho(typed)))
    signal?.addEventListener("abort", () => fiber.interruptUnsafe(), { once: true })
    const exit = await Effect.runPromise(Fiber.await(fiber))
    if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) throw Cause.squash(exit.cause)
    const code = Exit.isSuccess(exit) ? exit.value : INTERRUPTED
    return { code, out: stdout.end(), err: stderr.end() }
  } finally {
    restoreConsole()
    stdout.end()
    stderr.end()
  }
}
