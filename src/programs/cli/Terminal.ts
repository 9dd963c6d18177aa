/** Standard output and error as a program uses them. */

/** Results, and nothing but results. */
export const out = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** Everything else: failures, questions, progress. */
export const err = (text: string): void => {
  process.stderr.write(`${text}\n`)
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
