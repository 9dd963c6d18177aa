/** The command line in this process, in a folder of its own: what it wrote, and its exit code. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { afterAll, beforeAll, vi } from "vitest"
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
  const spy = vi.spyOn(stream, "write").mockImplementation((text) => {
    texts.push(String(text))
    return true
  })
  return {
    end: () => {
      spy.mockRestore()
      return texts.join("")
    }
  }
}

/** Runs `plimsoll` with these arguments in the current folder. */
export const plimsoll = async (args: ReadonlyArray<string>, typed?: Typed): Promise<Ran> => {
  const stdout = captured(process.stdout)
  const stderr = captured(process.stderr)
  try {
    const code = await Effect.runPromise(runCommandLine(args, personWho(typed)))
    return { code, out: stdout.end(), err: stderr.end() }
  } finally {
    stdout.end()
    stderr.end()
  }
}

/** The JSON a command prints. */
export const plimsollJson = async (args: ReadonlyArray<string>, typed?: Typed): Promise<unknown> => {
  const ran = await plimsoll([...args, "--json"], typed)
  return JSON.parse(ran.out)
}

/** Every test of the file runs in one new folder, which is the current one. */
export const inNewFolder = (): { readonly folder: () => string } => {
  const before = process.cwd()
  let folder = ""
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-cli-")))
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder: () => folder }
}
