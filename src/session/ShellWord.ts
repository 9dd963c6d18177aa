/** Commands to copy. */

/** An argument as a shell takes it for one word. */
export const quoted = (text: string): string =>
  /^[\w./:=,@%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** A word of a command, or an option with its value. */
export interface CommandPart {
  /** Of an option, with its dashes. */
  readonly name: string | undefined
  /** As it stands there, quotes and all; undefined of a word and of an option that is followed by another. */
  readonly value: string | undefined
  /** All of it, as it stands there. */
  readonly text: string
}

/** What `quoted` makes is one word. */
const WORD = /(?:'[^']*'|\\'|[^\s'])+/gu

/** A command taken apart where its words end and its options begin; joined by spaces it is what it was. */
export const partsOf = (command: string): ReadonlyArray<CommandPart> => {
  const words = command.match(WORD) ?? []
  const parts: Array<CommandPart> = []
  for (let i = 0; i < words.length; i++) {
    const text = words[i] ?? ""
    const next = words[i + 1]
    if (!text.startsWith("--")) parts.push({ name: undefined, value: undefined, text })
    else if (next === undefined || next.startsWith("--")) parts.push({ name: text, value: undefined, text })
    else {
      parts.push({ name: text, value: next, text: `${text} ${next}` })
      i += 1
    }
  }
  return parts
}
