/** `plimsoll why ORDER`. */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { orderTrail } from "../../../execution/OrderTrail.ts"
import { answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { orderJson } from "../OrderWords.ts"
import { whyText } from "../WhyText.ts"

export const whyCommand = Command.make(
  "why",
  { id: Argument.String("order").pipe(Argument.withDescription("the order's id")), json: jsonFlag },
  ({ id, json }) =>
    onDesk(
      Effect.gen(function* () {
        const { audit, history, order } = yield* orderTrail(clientOrderId(id), "plimsoll order list")
        yield* answer(
          json,
          { order: orderJson(order), history, audit },
          whyText(order, history, audit, style())
        )
      })
    )
).pipe(
  documented(
    "The whole way of one order: the quote it was decided on, what every rule said, what happened when, and its audit entries.",
    ["why o-7d1c…", "by its id, as plimsoll order list shows it"]
  )
)
