/** `status` and `statusline` on an open desk. */
import { Effect, Result } from "effect"
import { phaseAt } from "../../market/TradingCalendar.ts"
import type { DeskFolder } from "../DeskFolder.ts"
import { colourStyle } from "./Format.ts"
import { type Picture, statusJson, statusLine, statusText, takePicture, turnToLook } from "./StatusReport.ts"
import { keep, readKey, type Said, sameKey } from "./StatusSnapshot.ts"

const say = (picture: Picture): Said => ({
  line: statusLine(picture, colourStyle),
  text: statusText(picture, colourStyle),
  json: JSON.stringify(statusJson(picture), null, 2)
})

/** When the line changes next while the clock runs: with something held or working at any moment. */
const lineUntil = ({ clock, status }: Picture): number => {
  if (!clock.running || status.positions.length > 0 || status.working.length > 0) return 0
  const { nextClose, nextOpen } = phaseAt(status.now)
  return Math.min(nextOpen, nextClose, clock.until)
}

/** Prices come from files of the user's, which may change: then what depends on them is not kept. */
const isFixed = (picture: Picture, source: string): boolean =>
  source === "embedded" || (picture.status.positions.length === 0 && picture.status.working.length === 0)

/**
 * Turns the crank and says how the desk stands, with colours. What was said is
 * kept under `program`, unless the desk moved meanwhile.
 */
export const tellStatus = Effect.fn("StatusProgram.tell")(function* (
  folder: DeskFolder,
  options: { readonly program: string; readonly source: string }
) {
  const { findings, turned } = yield* turnToLook
  const before = readKey(folder, options.program)
  const picture: Picture = { ...(yield* takePicture), ...findings }
  const said = say(picture)
  const after = readKey(folder, options.program)
  const settled = before !== undefined && after !== undefined && sameKey(before, after)
  if (turned && settled && Result.isSuccess(picture.limits) && isFixed(picture, options.source)) {
    keep(folder, { ...said, key: before, lineUntil: lineUntil(picture) })
  }
  return said
})
