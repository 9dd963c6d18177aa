/** `plimsoll watch`: a process that stays, for what should happen whether anybody types or not. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { openDesk } from "../../DeskProgram.ts"
import { keepDesk } from "../../KeepDesk.ts"
import { documented, jsonFlag, style } from "../CommandKit.ts"
import { statusJson, statusLine, takePicture } from "../StatusReport.ts"
import { holder, surroundings } from "../Surroundings.ts"
import { out } from "../Terminal.ts"

export const watchCommand = Command.make(
  "watch",
  { json: jsonFlag },
  Effect.fn("WatchCommand")(function* ({ json }) {
    let said = ""
    const tell = Effect.gen(function* () {
      const picture = yield* takePicture
      const line = statusLine(picture, style())
      if (line === said) return
      said = line
      out(json ? JSON.stringify(statusJson(picture)) : `${toExchangeTime(picture.status.now)}  ${line}`)
    }).pipe(Effect.catch((error) => Effect.logDebug("the desk could not be looked at", error)))
    yield* Effect.provide(
      keepDesk(tell),
      openDesk(surroundings().folder, holder(), { evenWithoutMarket: true })
    )
  })
).pipe(
  documented(
    "Stay and keep the desk: turn its crank every second, hold it against the venue every thirty, go on canceling what a halt has left. A line for each change, until Ctrl-C.",
    ["watch", "a line of status whenever it changes"],
    ["watch --json", "a JSON object a line, for machines"]
  )
)
