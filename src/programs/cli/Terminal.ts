/**
 * Standard output and error as a program uses them.
 *
 * What is shown may hold what somebody typed, or what stands in a file: a reason, a name, the header of a column.
 * Nothing of that reaches a terminal as something it acts on.
 */

/**
 * Control characters (a terminal's escapes begin with one), halves of surrogate pairs, and marks that cannot be seen
 * but change what is (the direction of writing, among others). The two joiners are part of words and of emoji.
 */
const unprintable = String.raw`(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`
const anyUnprintable = new RegExp(unprintable, "gu")
/** Newlines and our own colours stay. */
const unprintableInText = new RegExp(String.raw`\u001B\[\d+m|(?!\n)${unprintable}`, "gu")

/** "\u001b", as JSON writes it: so that a JSON text stays the same value. */
const escaped = (characters: string): string => {
  let text = ""
  for (let i = 0; i < characters.length; i++) {
    text += `\\u${characters.charCodeAt(i).toString(16).padStart(4, "0")}`
  }
  return text
}

/** Text from outside on one line, with nothing in it that a terminal would act on. */
export const printable = (text: string): string => text.replace(anyUnprintable, escaped)

/** Our own text, which may have lines and colours. */
export const shown = (text: string): string =>
  text.replace(unprintableInText, (found) => (found.startsWith("\u001B[") ? found : escaped(found)))

/** Results, and nothing but results. */
export const out = (text: string): void => {
  process.stdout.write(`${shown(text)}\n`)
}

/** Everything else: failures, questions, progress. */
export const err = (text: string): void => {
  process.stderr.write(`${shown(text)}\n`)
}

/** A reader that has seen enough (`| head -1`) is no failure. */
export const ignoreClosedPipes = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error
    })
  }
}

const codes = new RegExp(String.raw`\u001B\[\d+m`, "gu")

/** The text without its colours, unless they are wanted. */
export const plainly = (text: string, colour: boolean): string => (colour ? text : text.replace(codes, ""))
