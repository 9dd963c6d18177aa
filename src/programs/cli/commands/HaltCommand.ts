/** `plimsoll halt` and `plimsoll resume`: anyone may halt, only a person resumes. */
import { Effect, Option, Schedule, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import type { ClientOrderId } from "../../../domain/Identifiers.ts"
import type { Order } from "../../../domain/Order.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { KillSwitch, nothingToAcknowledge, OrdersStillWorking } from "../../../execution/KillSwitch.ts"
import { openDesk } from "../../DeskProgram.ts"
import { answer, documented, jsonFlag, onDesk, reasonArgument } from "../CommandKit.ts"
import { counted } from "../Format.ts"
import { contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { holder, surroundings } from "../Surroundings.ts"
import { err } from "../Terminal.ts"

/** Trading is halted; canceling what was working did not go through. */
export class HaltedOnly extends Schema.TaggedError<HaltedOnly>()("HaltedOnly", {
  message: Schema.String
}) {}

/** How often the venue is asked again, and how long a program waits for it; a person waits on, and ends it with Ctrl-C. */
const ASK_AGAIN = "250 millis"
const ASK_FOR = "10 seconds"
const ASK_ON = "5 seconds"
/** The same, counted: the schedule measures on the computer's clock, which may be set back meanwhile. */
const ASK_TIMES = 40

/** Asks the venue to cancel again, until nothing may be working any more or the time is up. */
const askAgain = (first: OrdersStillWorking) =>
  Effect.gen(function* () {
    const { isAtTerminal } = yield* Person
    const killSwitch = yield* KillSwitch
    err(`plimsoll: ${first.message}`)
    err(isAtTerminal ? "  asking again; Ctrl-C ends the wait, not the halt" : `  asking again for ${ASK_FOR}`)
    const atOnce = Schedule.spaced(ASK_AGAIN).pipe(Schedule.upTo({ duration: ASK_FOR, times: ASK_TIMES }))
    yield* killSwitch.settle.pipe(
      Effect.filterOrFail(
        (left) => left.length === 0,
        (working) => new OrdersStillWorking({ working, message: first.message })
      ),
      Effect.retry({
        while: ({ _tag }) => _tag === "OrdersStillWorking" || _tag === "VenueUnanswered",
        schedule: isAtTerminal ? Schedule.concat(atOnce, Schedule.spaced(ASK_ON)) : atOnce
      })
    )
    return { changed: true, canceled: [] }
  })

/** Whatever went wrong after it, whether trading is halted is said first. */
const saidWith = (error: { readonly message: string }) =>
  Effect.gen(function* () {
    const view = yield* DeskView
    const state = yield* Effect.map(view.status, ({ tradingState }): string => tradingState).pipe(
      Effect.catch(() => Effect.succeed("unknown"))
    )
    return yield* new HaltedOnly({
      message:
        state === "Halted"
          ? `trading is halted, but not all of it went through: ${error.message}`
          : `trading could not be halted: ${error.message}`
    })
  })

const verifiedWords = (canceled: ReadonlyArray<Order>): ReadonlyArray<string> => [
  canceled.length === 0
    ? "No order is working; the venue was asked afresh and has none."
    : `${counted(canceled.length, "working order")} canceled; the venue was asked afresh and has none left:`,
  ...canceled.map((order) => `  ${order.clientOrderId}  ${contentWords(order.content)}  ${order.status}`)
]

const listed = (ids: ReadonlyArray<ClientOrderId>): string =>
  ids.length === 0 ? "none in the books" : ids.join(", ")

/** What else can have come of a halt while it was carried out. */
const unverifiedWords = {
  acknowledged: (left: ReadonlyArray<ClientOrderId>) =>
    `A person has acknowledged what may be working at the venue: ${listed(left)}. Its cancel is not asked for any more.`,
  unsettled: (left: ReadonlyArray<ClientOrderId>) =>
    `An order has arrived at the venue since: ${listed(left)}. The desk goes on canceling.`
} as const

const haltTrading = Effect.fnUntraced(function* (reason: string, json: boolean) {
  const { actor } = yield* Person
  const killSwitch = yield* KillSwitch
  const { canceled, changed } = yield* killSwitch
    .halt(reason, actor)
    .pipe(Effect.catchTag("OrdersStillWorking", askAgain), Effect.catch(saidWith))
  const { halt, tradingState, working } = yield* Effect.flatMap(DeskView, (view) => view.status)
  const left = working.map(({ clientOrderId }) => clientOrderId)
  const said = {
    trading_state: tradingState,
    halt: Option.getOrNull(halt),
    changed,
    canceled: canceled.map(orderJson),
    working: left
  }
  yield* answer(
    json,
    said,
    Option.match(halt, {
      onNone: () => [`A person has lifted the halt since: trading is ${tradingState.toUpperCase()}.`],
      onSome: (progress) => [
        changed ? "Trading is HALTED." : "Trading was halted already.",
        ...(progress === "verified" ? verifiedWords(canceled) : [unverifiedWords[progress](left)]),
        'A person lifts it: plimsoll resume "reason".'
      ]
    })
  )
})

const acknowledge = Effect.fnUntraced(function* (reason: string, json: boolean) {
  const person = yield* Person
  const killSwitch = yield* KillSwitch
  // What can be canceled is, before anybody answers for it.
  const seen = yield* Effect.catchTag(killSwitch.settle, "VenueUnanswered", () => killSwitch.unsettled)
  const { halt } = yield* Effect.flatMap(DeskView, (view) => view.status)
  const progress = Option.getOrUndefined(halt)
  if (progress !== "unsettled") return yield* nothingToAcknowledge(progress)
  const actor = yield* person.proves(
    `Acknowledging that orders may be working at the venue (${listed(seen)})`,
    "The desk goes on trying to cancel them."
  )
  const { leftAlone, notHeardOf } = yield* killSwitch.acknowledge({ seen, reason, actor })
  yield* answer(json, { trading_state: "Halted", acknowledged: leftAlone, not_heard_of: notHeardOf }, [
    `Acknowledged; the desk no longer tries to cancel: ${listed(leftAlone)}.`,
    ...(notHeardOf.length === 0
      ? []
      : [
          `The venue has not been heard to have these, and they are canceled if they turn up: ${notHeardOf.join(", ")}.`
        ]),
    'Trading stays HALTED. A person lifts it: plimsoll resume "reason".'
  ])
})

export const haltCommand = Command.make(
  "halt",
  {
    reason: reasonArgument("why, in words"),
    acknowledge: Flag.Boolean("acknowledge").pipe(
      Flag.withDescription("a person knows of the orders that a halt has left working, and ends the tries"),
      Flag.withDefault(false)
    ),
    json: jsonFlag
  },
  Effect.fn("HaltCommand")(function* (input) {
    const work = Effect.gen(function* () {
      if (input.acknowledge) yield* acknowledge(input.reason, input.json)
      else yield* haltTrading(input.reason, input.json)
    })
    // Not by way of the crank: halting has to work whatever the market data is like.
    yield* Effect.provide(work, openDesk(surroundings().folder, holder(), { evenWithoutMarket: true }))
  })
).pipe(
  documented(
    "The kill switch: blocks new orders, cancels the working ones, and asks the venue whether any is left. Survives restarts. What a venue will not cancel is tried again by every command, until a person acknowledges it.",
    ['halt "the feed looks wrong"', "says why, for the journal"],
    ['halt --acknowledge "called the venue, it cancels them by hand"', "ends the tries"]
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
