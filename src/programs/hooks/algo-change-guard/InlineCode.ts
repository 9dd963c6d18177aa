/** Programs handed to an interpreter as text: what they name is all that can be seen. */
import type { ShellCommand } from "../kit/shell/ShellCommands.ts"
import { interpreters } from "./Touches.ts"

/** What is said of a text. */
export interface Mentions {
  readonly guarded: boolean
  readonly algorithm: boolean
  readonly act: boolean
}

const GUARDED: ReadonlyArray<RegExp> = [
  /\.claude\.json|\.mcp\.json|\.plimsoll\b|plimsoll\.json|PLIMSOLL_HOME|\bdesk\.db\b/iu,
  /\bdist["'\s,)\\/]{1,8}(?:hooks|plimsoll|main|full|mcp|short)\b|\bprograms\/mcp\/(?:main|Servers|broker)\b/iu
]
const ALGORITHM = /\balgorithms["'\s,)]{0,4}[/\\]|["']algorithms["']/iu
const ACT =
  /plimsoll(?:\.cjs)?["'\s,[\]]{1,12}(?:order|resume|clock|account|storage|recover|init|limits["'\s,]{1,8}accept|mcp["'\s,]{1,8}broker(?!["'\s,]{1,8}--require-permit["']?\s*(?:$|[\])};\n])))\b/iu

export const mentionsOf = (text: string): Mentions => ({
  guarded:
    GUARDED.some((pattern) => pattern.test(text)) ||
    (/\.claude\b/iu.test(text) && /settings|hooks/iu.test(text)),
  algorithm: ALGORITHM.test(text),
  act: ACT.test(text)
})

/** Whether a text has a person's command in it. */
export const mentionsAct = (text: string): boolean => ACT.test(text)

const AWK = /^(?:awk|gawk|mawk|nawk)$/u

/** The program texts of a command: of `-c` and `-e`, of standard input, of awk its first word. */
export const inlineCode = ({ program, words, input }: ShellCommand): ReadonlyArray<string> => {
  if (AWK.test(program)) {
    return words
      .slice(1)
      .filter((word) => /\{|\bprint|system\s*\(/u.test(word) && /[>|]|system\s*\(/u.test(word))
  }
  if (!interpreters.test(program) || /^(?:ba|z|da|k|a|mk|fi)?sh$/u.test(program)) return []
  const texts = words.flatMap((word, at) => {
    if (/^-[A-Za-z]*[ceEpr]$|^--(?:eval|print|command)$/u.test(word))
      return words[at + 1] === undefined ? [] : [words[at + 1] ?? ""]
    return /^--(?:eval|print)=/u.test(word) || /^-[eE]./u.test(word) ? [word] : []
  })
  const evaluated = program === "deno" && words[1] === "eval" ? words.slice(2) : []
  // A program that is given as a file reads its input as it likes.
  const fromInput = !words.slice(1).some((word) => !word.startsWith("-")) && texts.length === 0
  return [...texts, ...evaluated, ...(input === undefined || !fromInput ? [] : [input])]
}
