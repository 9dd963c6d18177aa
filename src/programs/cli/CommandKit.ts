/** What the commands share: their flags, the desk they open, the way they answer. */
import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import {
  type Money,
  MoneyFromDecimal,
  NetPriceFromDecimal,
  PriceFromDecimal,
  QuantityFromDecimal
} from "../../domain/Money.ts"
import { MarketData } from "../../market/MarketData.ts"
import { openDesk, turnCrank } from "../DeskProgram.ts"
import { quoted } from "../../session/ShellWord.ts"
import { colourStyle, plainStyle, type Style } from "./Format.ts"
import { holder, surroundings } from "./Surroundings.ts"
import { out } from "./Terminal.ts"

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("print the result as JSON"),
  Flag.withDefault(false)
)

export const optional = <A>(flag: Flag.Flag<A>, description: string) =>
  flag.pipe(Flag.withDescription(description), Flag.optional)

const aboveZero = <N extends number>(what: string) =>
  Schema.makeFilter<N>((micros) => micros > 0 || `expected ${what} above zero`)

const PriceText = PriceFromDecimal.pipe(Schema.check(aboveZero("a price")))
const QuantityText = QuantityFromDecimal.pipe(Schema.check(aboveZero("a quantity")))
const AmountText = MoneyFromDecimal.pipe(Schema.check(aboveZero("an amount")))

export const priceFlag = (name: string) =>
  Flag.String(name).pipe(Flag.withMetavar("price"), Flag.withSchema(PriceText))
/** Of legs together: below zero for a credit. */
export const netPriceFlag = (name: string) =>
  Flag.String(name).pipe(Flag.withMetavar("price"), Flag.withSchema(NetPriceFromDecimal))
export const quantityFlag = (name: string) =>
  Flag.String(name).pipe(Flag.withMetavar("quantity"), Flag.withSchema(QuantityText))
export const amountFlag = (name: string) =>
  Flag.String(name).pipe(Flag.withMetavar("dollars"), Flag.withSchema(AmountText))

export const amountArgument = (name: string, description: string): Argument.Argument<Money> =>
  Argument.String(name).pipe(Argument.withSchema(AmountText), Argument.withDescription(description))
export const quantityArgument = (name: string, description: string) =>
  Argument.String(name).pipe(Argument.withSchema(QuantityText), Argument.withDescription(description))

/** Looked up in the desk's market data, which names the nearest when it has none of that name. */
export const symbolArgument = Argument.String("symbol").pipe(
  Argument.withDescription('what to trade, such as "SPX-REPLAY" or "AAPL 140613C00090000"')
)

/** A reason in words; what is blank says nothing. */
export const reasonArgument = (description: string) =>
  Argument.String("reason").pipe(
    Argument.withDescription(description),
    Argument.withSchema(
      Schema.String.pipe(
        Schema.check(
          Schema.makeFilter<string>(
            (text) =>
              (text.trim() !== "" && text.length <= 500) ||
              "expected a reason in words, at most 500 characters"
          )
        )
      )
    )
  )

/** Opens the project's desk for `work`, its crank turned first. */
export const onDesk = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.suspend(() =>
    Effect.provide(Effect.andThen(turnCrank, work), openDesk(surroundings().folder, holder()))
  )

/**
 * Opens the desk for what has to work whatever the market data and the audit
 * files are like: canceling. The crank is turned if it can be.
 */
export const onDeskAnyhow = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.suspend(() =>
    Effect.provide(
      Effect.andThen(
        Effect.catch(turnCrank, (error) => Effect.logDebug("not brought up to market time", error)),
        work
      ),
      openDesk(surroundings().folder, holder(), { evenWithoutMarket: true })
    )
  )

export const style = (): Style => (surroundings().colour ? colourStyle : plainStyle)
/** For what goes to standard error. */
export const errorStyle = (): Style => (surroundings().errorColour ? colourStyle : plainStyle)

/** The result: JSON for machines, or text for people. */
export const answer = (
  json: boolean,
  value: unknown,
  text: string | ReadonlyArray<string>
): Effect.Effect<void> =>
  Effect.sync(() => {
    if (json) out(JSON.stringify(value, null, 2))
    else out(typeof text === "string" ? text : text.join("\n"))
  })

/** An instrument of this desk by its symbol; a failure names the nearest. */
export const instrumentOf = (symbol: string) => MarketData.use((data) => data.instrument(symbol))

/** As far as a list of commands needs it: "How the desk stands". */
const firstClause = (description: string): string => /^[^.:;?]+\??/u.exec(description)?.[0] ?? description

/** An option as it is typed again, where it was given. */
export const flagWords = (name: string, value: Option.Option<string | number>): ReadonlyArray<string> =>
  Option.toArray(value).map((one) => `--${name} ${quoted(String(one))}`)

/** A command's description and its examples, for `--help`. */
export const documented =
  (description: string, ...examples: ReadonlyArray<readonly [command: string, what: string]>) =>
  <Name extends string, Input, ContextInput, E, R>(
    command: Command.Command<Name, Input, ContextInput, E, R>
  ) =>
    command.pipe(
      Command.withDescription(description),
      Command.withShortDescription(firstClause(description)),
      Command.withExamples(
        examples.map(([line, what]) => ({ command: `plimsoll ${line}`, description: what }))
      )
    )
