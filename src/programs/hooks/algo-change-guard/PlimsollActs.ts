/** Commands of the desk that are a person's, however they are started. */
import { lexical } from "../kit/FileProbe.ts"
import { seenFrom, type ShellCommand } from "../kit/shell/ShellCommands.ts"
import { canBe, isPlain } from "../kit/shell/ShellValues.ts"
import { isServerName } from "../../mcp/ServerNames.ts"
import { baseName } from "../kit/shell/Wrappers.ts"

/** Commands that send orders, move the market's time or loosen what holds. */
const persons: ReadonlyArray<string> = ["order", "resume", "clock", "account", "storage", "recover", "init"]

/** Whether a name is this one, or may be it as far as enough of it is seen. */
const may = (word: string, name: string): boolean => {
  if (isPlain(word)) return word.toLowerCase() === name
  const seen = [...word].filter((char) => isPlain(char)).length
  return seen >= 3 && canBe(word.toLowerCase(), name)
}

/** Whether a script is the command line, as it is built or as it is written. */
const isProgram = (word: string, cwds: ReadonlyArray<string>): boolean => {
  const name = baseName(word)
  if (may(name, "plimsoll.cjs")) return true
  return cwds.some((cwd) => {
    const path = lexical(seenFrom(cwd, word))
    return (
      (/(?:^|\/)dist\/[^/]*$/u.test(path) && (may(name, "main.cjs") || may(name, "full.cjs"))) ||
      /(?:^|\/)src\/programs\/cli\/(?:main|full)\.ts$/u.test(path)
    )
  })
}

/** The words after the program, when it is the desk's command line. */
const argumentsOf = (
  { words, cwds }: ShellCommand,
  leadsTo: (word: string) => string
): ReadonlyArray<string> | undefined => {
  const [program = ""] = words
  const isLauncher = (word: string): boolean =>
    may(baseName(word), "plimsoll") ||
    isProgram(word, cwds) ||
    (word.includes("/") && may(baseName(leadsTo(word)), "plimsoll"))
  if (isLauncher(program)) return words.slice(1)
  if (!/^(?:node(?:js)?|bun|deno|tsx|ts-node)$/u.test(baseName(program))) return undefined
  const at = words.findIndex(
    (word, place) => place > 0 && (isProgram(word, cwds) || (!word.startsWith("-") && isLauncher(word)))
  )
  return at === -1 ? undefined : words.slice(at + 1)
}

/** Every other way to write it may turn the permits off, as `--require-permit false` would. */
const brokerWithoutPermit = (rest: ReadonlyArray<string>): boolean => {
  if (rest.includes("--help") || rest.includes("-h")) return false
  const [name, flag, ...more] = rest
  const other = name !== undefined && isPlain(name) && isServerName(name) && name !== "broker"
  return !other && !(name === "broker" && flag === "--require-permit" && more.length === 0)
}

const unseen = "plimsoll is run with words that cannot be seen here. Write the command out."

/** A program of which nothing is seen, with the words of a person's command. */
const unseenProgram = ({ words }: ShellCommand): string | undefined => {
  const [program = "", first, second] = words
  if (isPlain(program) || [...program].some((char) => isPlain(char))) return undefined
  return first === "order" || first === "resume" || (first === "limits" && second === "accept")
    ? `a program that cannot be seen here is run with the words ${first}${second === undefined ? "" : ` ${second}`}. Write the command out.`
    : undefined
}

/**
 * Why an agent may not run it, or `undefined` when nothing is against it. `leadsTo` follows the links of a
 * program's path.
 */
export const refusedAct = (command: ShellCommand, leadsTo: (word: string) => string): string | undefined => {
  const args = argumentsOf(command, leadsTo)
  if (args === undefined) return unseenProgram(command)
  const words = args.filter((word) => !word.startsWith("-"))
  const [first, ...rest] = words
  if (first === undefined) return command.more ? unseen : undefined
  const isAct = (word: string, name: string): boolean =>
    word.toLowerCase() === name || (!isPlain(word) && canBe(word, name))
  // Behind an option the first word may be its value.
  const candidates = args[0]?.startsWith("-") === true ? words : [first]
  const act = persons.find((name) => candidates.some((word) => isAct(word, name)))
  if (act !== undefined) {
    if (!candidates.includes(act)) return unseen
    return act === "order"
      ? "plimsoll order is a person's. Orders of agents go through the broker's tools: place_order, replace_order, cancel_order."
      : `plimsoll ${act} is a person's. Ask the person to type it at a terminal.`
  }
  if (first === "limits") {
    const [what] = rest
    const accepts =
      what === undefined ? command.more : what === "accept" || (!isPlain(what) && canBe(what, "accept"))
    return accepts ? "plimsoll limits accept is a person's: it loosens what holds." : undefined
  }
  if (isAct(first, "mcp") && brokerWithoutPermit(args.slice(args.indexOf(first) + 1))) {
    return "a broker server without --require-permit would take orders that no guard has seen. The client starts the servers of .mcp.json itself."
  }
  return undefined
}
