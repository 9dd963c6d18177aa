/** Whatever is done in whatever order: the books balance, and journal and audit log each rebuild them. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { dollars } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { MICROS_PER_MINUTE } from "../../src/domain/Timestamp.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  limitAt,
  openAccount,
  person,
  sell,
  stopAt,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, INDX, minute, sessions } from "./TestMarket.ts"

const instruments = [ACME, BOLT, INDX]
const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const Command = Schema.Struct({
  kind: Schema.Literals([
    "market",
    "market",
    "open",
    "limit",
    "stop",
    "trailing",
    "bracket",
    "group",
    "cancel",
    "cancelAll",
    "replace",
    "close",
    "deposit",
    "withdraw",
    "halt",
    "resume",
    "reset",
    "lose-request",
    "lose-answer",
    "step",
    "step",
    "step"
  ]),
  buys: Schema.Boolean,
  which: between(0, 2),
  size: between(1, 60),
  /** Percent of the market. */
  at: between(80, 120),
  minutes: between(1, 2000)
})
type Command = typeof Command.Type

const last = closeOf(sessions.length - 1)

const order = Effect.fnUntraced(function* (command: Command) {
  const { broker } = yield* acts
  const instrument = instruments[command.which] ?? ACME
  const quote = yield* broker.quote(instrument.id)
  const at = Math.max(0.01, Math.round((quote.last * command.at) / 1e6) / 100)
  const place = command.buys ? buy : sell
  switch (command.kind) {
    case "open":
      return yield* place(instrument, command.size, { timeInForce: "AT_THE_OPEN" })
    case "limit":
      return yield* place(instrument, command.size, { type: limitAt(at), timeInForce: "GTC" })
    case "stop":
      return yield* place(instrument, command.size, { type: stopAt(at), timeInForce: "GTC" })
    case "trailing":
      return yield* place(instrument, command.size, {
        type: { _tag: "TrailingStopMarket", trailingOffset: instrument.priceIncrement },
        timeInForce: "GTC"
      })
    case "bracket":
      return yield* place(instrument, command.size, {
        bracket: command.buys
          ? { takeProfit: at * 2, stopLoss: Math.max(0.01, Math.round(at * 50) / 100) }
          : { takeProfit: Math.max(0.01, Math.round(at * 50) / 100), stopLoss: at * 2 }
      })
    case "group":
      return yield* place(instrument, command.size, {
        type: limitAt(at),
        timeInForce: "GTC",
        ocoGroup: `g${command.size % 3}`
      })
    default:
      return yield* place(instrument, command.size)
  }
})

const run = Effect.fnUntraced(function* (command: Command) {
  const { account, broker, killSwitch, line, view } = yield* acts
  const { working } = yield* view.status
  const chosen = working[command.size % Math.max(1, working.length)]
  const instrument = instruments[command.which] ?? ACME
  const by = { actor: agent }
  switch (command.kind) {
    case "cancel":
      return chosen === undefined ? undefined : yield* broker.cancel(chosen.clientOrderId, by)
    case "cancelAll":
      return yield* broker.cancelAll(by)
    case "replace": {
      if (chosen === undefined) return undefined
      const { quoteId } = yield* broker.quote(chosen.content.instrumentId)
      const size = { _tag: "Quantity", quantity: instrument.sizeIncrement } as const
      return yield* broker.replace(chosen.clientOrderId, { size, quoteId }, by)
    }
    case "close":
      return yield* broker.closePosition(instrument.id, by)
    case "deposit":
      return yield* account.deposit(dollars(command.size * 100), person)
    case "withdraw":
      return yield* account.withdraw(dollars(command.size * 100), person)
    case "halt":
      return yield* killSwitch.halt("random", agent)
    case "resume":
      return yield* killSwitch.resume("random", person)
    case "reset":
      return command.size > 55 ? yield* account.reset({ cash: dollars(100_000), actor: person }) : undefined
    case "lose-request":
    case "lose-answer":
      line.send = command.kind
      return yield* order(command).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            line.send = "works"
          })
        )
      )
    case "step": {
      const now = yield* Effect.flatMap(SteppedClock, (clock) => clock.now)
      const to = timestamp(now + command.minutes * MICROS_PER_MINUTE)
      return yield* turnTo(to < last ? to : last)
    }
    default:
      return yield* order(command)
  }
})

describe("whatever is done", () => {
  it.effect.prop(
    "the books balance, the journal folds to them, and the audit log rebuilds both",
    { commands: Schema.Array(Command).pipe(Schema.check(Schema.isMinLength(15), Schema.isMaxLength(40))) },
    ({ commands }) =>
      Effect.gen(function* () {
        yield* openAccount()
        yield* turnTo(minute(0, 5))
        // Refusals are results; a defect is a bug.
        for (const command of commands) yield* Effect.result(Effect.asVoid(run(command)))
        expect(yield* checkBooks).toEqual([])
        yield* turnTo(last)
        expect(yield* checkBooks).toEqual([])
      }).pipe(Effect.provide(testDesk({ limits: { shortSales: true } }))),
    { arbitrary: { runs: 15, size: 40 } }
  )
})
