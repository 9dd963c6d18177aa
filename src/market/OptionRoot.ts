/** What the options of an instrument are called by. */
import type { Instrument } from "../domain/Instrument.ts"

/** "SPX" of "SPX-REPLAY", "BRKB" of "BRK_B": a root is up to six letters and digits. */
export const rootOf = ({ symbol }: Pick<Instrument, "symbol">): string => {
  const [first = ""] = symbol.split("-")
  const plain = first.replaceAll(/[^A-Z0-9]/gu, "")
  return (/^[A-Z]/u.test(plain) ? plain : `X${plain}`).slice(0, 6)
}
