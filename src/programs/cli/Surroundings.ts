/**
 * What a program finds around it: its folder and environment, read once, here.
 *
 * Loaded by the commands that have to start at once: imports nothing of Effect.
 */
import { type DeskFolder, findDeskFolder } from "../DeskFolder.ts"

export interface Surroundings {
  readonly folder: DeskFolder
  /** The folder the command was typed in. */
  readonly cwd: string
  readonly plimsollHome: string | undefined
  /** Colours on standard output: on a terminal, unless NO_COLOR is set (https://no-color.org). */
  readonly colour: boolean
  /** The same of standard error. */
  readonly errorColour: boolean
}

export const surroundings = (): Surroundings => {
  const { NO_COLOR: noColour = "", PLIMSOLL_HOME: plimsollHome } = process.env
  const cwd = process.cwd()
  return {
    folder: findDeskFolder(cwd, plimsollHome),
    cwd,
    plimsollHome,
    colour: process.stdout.isTTY && noColour === "",
    errorColour: process.stderr.isTTY && noColour === ""
  }
}
