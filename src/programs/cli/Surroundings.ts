/**
 * What a program finds around it: its folder and environment, read once, here.
 *
 * Loaded by the commands that have to start at once: of Effect it imports only
 * what hides a secret.
 */
import * as Redacted from "effect/Redacted"
import { type DeskFolder, findDeskFolder } from "../DeskFolder.ts"

export interface Surroundings {
  readonly folder: DeskFolder
  /** The folder the command was typed in. */
  readonly cwd: string
  readonly plimsollHome: string | undefined
  /** PLIMSOLL_DATABASE_URL: the server a desk is on. It may hold a password. */
  readonly server: Redacted.Redacted | undefined
  /** Colours on standard output: on a terminal, unless NO_COLOR is set (https://no-color.org). */
  readonly colour: boolean
  /** The same of standard error. */
  readonly errorColour: boolean
}

export const surroundings = (): Surroundings => {
  const {
    NO_COLOR: noColour = "",
    PLIMSOLL_DATABASE_URL: url = "",
    PLIMSOLL_HOME: plimsollHome
  } = process.env
  const server = url === "" ? undefined : Redacted.make(url)
  const cwd = process.cwd()
  return {
    folder: findDeskFolder(cwd, plimsollHome, server),
    cwd,
    plimsollHome,
    server,
    colour: process.stdout.isTTY && noColour === "",
    errorColour: process.stderr.isTTY && noColour === ""
  }
}

/** Names this process among those of its desk, also where two machines or containers give the same number to a process. */
export const holder = (): string =>
  `cli-${process.pid}-${Math.round(performance.timeOrigin * 1000).toString(36)}`
