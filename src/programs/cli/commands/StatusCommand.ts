/** `plimsoll status` and `plimsoll statusline`; `cli/main.ts` answers their plain forms without coming here. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { openDesk } from "../../DeskProgram.ts"
import { answer, documented, jsonFlag, style } from "../CommandKit.ts"
import { type Picture, statusJson, statusLine, statusText, takePicture, turnToLook } from "../StatusReport.ts"
import { holder, surroundings } from "../Surroundings.ts"

const look = Effect.suspend(() =>
  Effect.gen(function* () {
    const { findings } = yield* turnToLook
    const picture: Picture = { ...(yield* takePicture), ...findings }
    return picture
  }).pipe(Effect.provide(openDesk(surroundings().folder, holder())))
)

export const statusCommand = Command.make(
  "status",
  { json: jsonFlag },
  Effect.fn("StatusCommand")(function* ({ json }) {
    const picture = yield* look
    yield* answer(json, statusJson(picture), statusText(picture, style()))
  })
).pipe(
  documented(
    "How the desk stands: equity, the day's result, drawdown, trading state and why, positions, working orders, and how much of each limit is used.",
    ["status", "for people"],
    ["status --json", "for machines"]
  )
)

export const statuslineCommand = Command.make(
  "statusline",
  {},
  Effect.fn("StatuslineCommand")(function* () {
    yield* answer(false, {}, statusLine(yield* look, style()))
  })
).pipe(
  documented(
    "The desk in one line, for a prompt or a status bar. Always one line on standard output and exit code 0, also when there is no desk.",
    ["statusline", "PAPER  $100,000.00  day +0.00%  ACTIVE  0 positions"]
  )
)
