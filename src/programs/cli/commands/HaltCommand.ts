/** `plimsoll halt` and `plimsoll resume`: anyone may halt, only a person resumes. */
import { Effect, Schema } from "effect"
import { Command } from "effect/cli"
import { DeskView } from "../../../execution/DeskView.ts"
import { KillSwitch } from "../../../execution/KillSwitch.ts"
import { openDesk } from "../../DeskProgram.ts"
import { answer, documented, holder, jsonFlag, onDesk, reasonArgument } from "../CommandKit.ts"
import { counted } from "../Format.ts"
import { contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { surroundings } from "../Surroundings.ts"

/** Trading is halted; canceling what was working did not go through. */
export class HaltedOnly extends Schema.TaggedError<HaltedOnly>()("HaltedOnly", {
  message: Schema.String
}) {}

export const haltCommand = Command.make(
  "halt",
  { reason: reasonArgument("why, in words"), json: jsonFlag },
  Effect.fn("HaltCommand")(function* ({ json, reason }) {
    const { actor } = yield* Person
    const work = Effect.gen(function* () {
      const killSwitch = yield* KillSwitch
      const view = yield* DeskView
      const { canceled, changed } = yield* killSwitch.halt(reason, actor).pipe(
        Effect.catch((error) =>
          Effect.flatMap(
            Effect.map(view.status, ({ tradingState }) => tradingState).pipe(
              Effect.catch(() => Effect.succeed("unknown"))
            ),
            (state) =>
              Effect.fail(
                new HaltedOnly({
                  message:
                    state === "Halted"
                      ? `trading is halted, but not all of it went through: ${error.message}`
                      : `trading could not be halted: ${error.message}`
                })
              )
          )
        )
      )
      yield* answer(json, { trading_state: "Halted", changed, canceled: canceled.map(orderJson) }, [
        changed ? "Trading is HALTED." : "Trading was halted already.",
        canceled.length === 0
          ? "No order was working, and the venue has none left."
          : `${counted(canceled.length, "working order")} canceled, and the venue has none left:`,
        ...canceled.map(
          (order) => `  ${order.clientOrderId}  ${contentWords(order.content)}  ${order.status}`
        ),
        'A person lifts it: plimsoll resume "reason".'
      ])
    })
    // Not by way of the crank: halting has to work whatever the market data is like.
    yield* Effect.provide(work, openDesk(surroundings().folder, holder(), { evenWithoutMarket: true }))
  })
).pipe(
  documented(
    "The kill switch: blocks new orders, cancels the working ones, and asks the venue whether any is left. Survives restarts.",
    ['halt "the feed looks wrong"', "says why, for the journal"]
  )
)

export const resumeCommand = Command.make(
  "resume",
  { reason: reasonArgument("why it is safe to go on, in words"), json: jsonFlag },
  Effect.fn("ResumeCommand")(function* ({ json, reason }) {
    const person = yield* Person
    const actor = yield* person.proves("Resuming trading", "Trading stays as it is.")
    yield* onDesk(
      Effect.gen(function* () {
        const state = yield* (yield* KillSwitch).resume(reason, actor)
        yield* answer(json, { trading_state: state }, [
          `Trading is ${state.toUpperCase()}.`,
          ...(state === "Reducing"
            ? ["The day's loss is at its limit: only reducing orders until the next session's open."]
            : ["From here on the drawdown is measured from the equity now."])
        ])
      })
    )
  })
).pipe(
  documented(
    "Lift a halt, or a drawdown at its limit. A person's act: at a terminal, by typing back a code.",
    ['resume "checked the feed, it is right again"', "says why, for the journal"]
  )
)
