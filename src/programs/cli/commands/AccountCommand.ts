/** `plimsoll account`: its money, moved by a person. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { formatMicros, type Money } from "../../../domain/Money.ts"
import { Account } from "../../../execution/Account.ts"
import { amountArgument, amountFlag, answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { usd } from "../Format.ts"
import { Person } from "../Person.ts"
import { statusLine, takePicture } from "../StatusReport.ts"

const tell = (json: boolean, words: string, fields: object) =>
  Effect.gen(function* () {
    const picture = yield* takePicture
    const { status } = picture
    const equity = Option.match(status.equity, {
      onNone: () => null,
      onSome: (micros) => formatMicros(micros)
    })
    yield* answer(
      json,
      { ...fields, account_id: status.accountId, cash: formatMicros(status.cash), equity },
      [words, statusLine(picture, style())]
    )
  })

const moneyStays = "The account stays as it is."

const move = (kind: "deposit" | "withdraw") =>
  Effect.fn("AccountCommand.move")(function* ({
    amount,
    json
  }: {
    readonly amount: Money
    readonly json: boolean
  }) {
    const person = yield* Person
    const actor = yield* person.proves(
      kind === "deposit" ? `Depositing ${usd(amount)}` : `Withdrawing ${usd(amount)}`,
      moneyStays
    )
    yield* onDesk(
      Effect.gen(function* () {
        const account = yield* Account
        yield* kind === "deposit" ? account.deposit(amount, actor) : account.withdraw(amount, actor)
        yield* tell(json, `${kind === "deposit" ? "Deposited" : "Withdrew"} ${usd(amount)}.`, {
          [kind === "deposit" ? "deposited" : "withdrawn"]: formatMicros(amount)
        })
      })
    )
  })

const deposit = Command.make(
  "deposit",
  { amount: amountArgument("amount", "dollars"), json: jsonFlag },
  move("deposit")
).pipe(
  documented("Put paper money in. A person's act. No profit and no loss is made by it.", [
    "account deposit 5000",
    "five thousand dollars"
  ])
)

const withdraw = Command.make(
  "withdraw",
  { amount: amountArgument("amount", "dollars"), json: jsonFlag },
  move("withdraw")
).pipe(
  documented("Take paper money out. A person's act. No profit and no loss is made by it.", [
    "account withdraw 5000",
    "five thousand dollars"
  ])
)

const reset = Command.make(
  "reset",
  { cash: amountFlag("cash").pipe(Flag.withDescription("dollars in the new account")), json: jsonFlag },
  Effect.fn("AccountCommand.reset")(function* ({ cash, json }) {
    const person = yield* Person
    const actor = yield* person.proves(`Beginning a new account with ${usd(cash)}`, moneyStays)
    yield* onDesk(
      Effect.gen(function* () {
        const { archived, opened } = yield* (yield* Account).reset({ cash, actor })
        yield* tell(
          json,
          `Opened the account "${opened}" with ${usd(cash)}. The journal keeps "${archived}": its orders, fills and audit entries stay.`,
          { archived, opened }
        )
      })
    )
  })
).pipe(
  documented(
    "Cancel what is working and begin a new account; the old one stays in the journal under its own name. A person's act.",
    ["account reset --cash 100000", "with $100,000"]
  )
)

export const accountCommand = Command.make("account").pipe(
  documented(
    "The paper account's money. All of it a person's acts.",
    ["account deposit 5000", "more"],
    ["account reset --cash 100000", "begin anew"]
  ),
  Command.withSubcommands([deposit, withdraw, reset])
)
