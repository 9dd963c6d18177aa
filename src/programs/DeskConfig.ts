/**
 * `plimsoll.json`: what a project asks of its desk.
 *
 * Every field may be left out, no other field is taken, and each thing that is
 * wrong is one line: the file, the path of the field, what was expected. The
 * JSON Schema that editors get is made from the same definitions.
 */
import { Result, Schema, SchemaIssue, SchemaParser } from "effect"
import { Symbol } from "../domain/Identifiers.ts"
import { dollars, MAX_MONEY_MICROS, MoneyFromDecimal, PriceFromDecimal } from "../domain/Money.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { OptionLimits, RiskLimits } from "../risk/RiskLimits.ts"

const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  schema.annotate({ description })

const Text = Schema.NonEmptyString

const positiveMoney = MoneyFromDecimal.pipe(
  Schema.check(
    Schema.makeFilter<number>(
      (micros) =>
        (micros > 0 && micros <= MAX_MONEY_MICROS) || "Expected an amount above zero, at most a billion"
    )
  )
)
const charge = MoneyFromDecimal.pipe(
  Schema.check(Schema.makeFilter<number>((micros) => micros >= 0 || "Expected an amount of zero or more"))
)
const basisPoints = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const start = Schema.optionalKey(
  described(SessionDate, "The session at whose open (09:30 in New York) a new desk's market clock stands.")
)
const badRows = Schema.optionalKey(
  described(
    Schema.Literals(["refuse", "skip"]),
    "Rows of a file that cannot be used: refuse the file, or leave them out."
  )
)

export const MarketConfig = Schema.Union([
  Schema.Struct({
    source: described(Schema.Literal("embedded"), "Daily history that comes along: SPX-REPLAY and AAPL."),
    start
  }),
  Schema.Struct({
    source: described(Schema.Literal("lean"), "A LEAN data folder."),
    path: described(Text, "The folder that holds equity/usa, relative to this file."),
    start,
    badRows
  }),
  Schema.Struct({
    source: described(Schema.Literal("csv"), "Your own CSV files of bars."),
    files: described(
      Schema.Record(Symbol, Text),
      'A file for each symbol, relative to this file: {"MYFUND": "prices/myfund.csv"}.'
    ),
    start,
    badRows
  })
])
export type MarketConfig = typeof MarketConfig.Type

const FillConfig = Schema.Union([
  Schema.Struct({ model: described(Schema.Literal("immediate"), "All of an order, whatever traded.") }),
  Schema.Struct({
    model: described(Schema.Literal("volume-share"), "At most a share of what traded."),
    shareBasisPoints: basisPoints(1, 10_000),
    unlimitedWhenNoVolume: Schema.Boolean
  })
])
const FeeConfig = Schema.Union([
  Schema.Struct({ model: Schema.Literal("zero") }),
  Schema.Struct({
    model: described(
      Schema.Literal("per-share"),
      "Dollars a share, at least `minimum` an order, at most a share of its value."
    ),
    perShare: charge,
    minimum: charge,
    maximumBasisPoints: basisPoints(0, 10_000),
    perContract: Schema.optionalKey(described(charge, "Dollars a contract of an option; 0.65 when left out."))
  }),
  Schema.Struct({
    model: described(Schema.Literal("ratio"), "A share of the value traded."),
    basisPoints: basisPoints(0, 10_000)
  })
])
const SlippageConfig = Schema.Union([
  Schema.Struct({ model: Schema.Literal("none") }),
  Schema.Struct({
    model: described(Schema.Literal("basis-points"), "A share of the price."),
    basisPoints: basisPoints(0, 9999)
  }),
  Schema.Struct({
    model: described(Schema.Literal("spread-share"), "A share of the spread."),
    basisPoints: basisPoints(0, 9999)
  })
])

const { fields } = RiskLimits
const options = OptionLimits.fields

const OptionLimitsConfig = Schema.Struct({
  uncovered: Schema.optionalKey(
    described(
      options.uncovered,
      "Whether calls may be written that nothing covers, and puts beyond what the cash secures."
    )
  ),
  spreadRatio: Schema.optionalKey(
    described(
      options.spreadRatio,
      "The widest spread a market order is taken at: (ask - bid) / their middle."
    )
  ),
  vegaRatio: Schema.optionalKey(
    described(options.vegaRatio, "Dollars per point of volatility on one underlying, as a share of equity.")
  ),
  totalVegaRatio: Schema.optionalKey(described(options.totalVegaRatio, "The same of all underlyings.")),
  gammaRatio: Schema.optionalKey(
    described(
      options.gammaRatio,
      "Dollars that delta times price changes by per 1% of one underlying, as a share of equity."
    )
  ),
  totalGammaRatio: Schema.optionalKey(described(options.totalGammaRatio, "The same of all underlyings.")),
  thetaRatio: Schema.optionalKey(
    described(options.thetaRatio, "Dollars of time value a day on one underlying, as a share of equity.")
  ),
  totalThetaRatio: Schema.optionalKey(described(options.totalThetaRatio, "The same of all underlyings."))
})

/** A named profile, and what of it is to be otherwise. */
const LimitsConfig = Schema.Struct({
  profile: Schema.optionalKey(
    described(
      Schema.Literals(["desk", "single-index"]),
      "desk: the defaults. single-index: an order, a position and the whole may be all of equity, for one broad index."
    )
  ),
  positionRatio: Schema.optionalKey(
    described(fields.positionRatio, "Most of equity that one instrument may be (0.25 is 25%).")
  ),
  orderNotionalRatio: Schema.optionalKey(
    described(fields.orderNotionalRatio, "Most of equity that one order may be.")
  ),
  grossExposureRatio: Schema.optionalKey(
    described(fields.grossExposureRatio, "Most of equity that all positions together may be.")
  ),
  dailyLossRatio: Schema.optionalKey(
    described(fields.dailyLossRatio, "The day's loss at which only reducing orders are left.")
  ),
  drawdownRatio: Schema.optionalKey(
    described(fields.drawdownRatio, "The fall from the peak at which only reducing orders are left.")
  ),
  priceCollarRatio: Schema.optionalKey(
    described(fields.priceCollarRatio, "How far an order's price may be from the market.")
  ),
  ordersPerMinute: Schema.optionalKey(
    described(fields.ordersPerMinute, "Orders and replacements in any minute; null is no limit.")
  ),
  reservedForReducing: Schema.optionalKey(
    described(fields.reservedForReducing, "How many of those only reducing orders may use.")
  ),
  openOrders: Schema.optionalKey(described(fields.openOrders, "Working orders at once.")),
  duplicateWindowSeconds: Schema.optionalKey(
    described(fields.duplicateWindowSeconds, "An order like one sent less than this ago is a duplicate.")
  ),
  quoteStalenessSeconds: Schema.optionalKey(fields.quoteStalenessSeconds),
  restricted: Schema.optionalKey(described(fields.restricted, "Symbols nothing may be sent for.")),
  shortSales: Schema.optionalKey(described(fields.shortSales, "Whether a sale may go beyond what is held.")),
  options: Schema.optionalKey(described(OptionLimitsConfig, "What holds of options alone."))
})
export type LimitsConfig = typeof LimitsConfig.Type

const PaperConfig = Schema.Struct({
  startingCash: Schema.optionalKey(described(positiveMoney, 'Dollars in a new account: "100000".')),
  fill: Schema.optionalKey(FillConfig),
  fee: Schema.optionalKey(FeeConfig),
  slippage: Schema.optionalKey(SlippageConfig),
  exerciseThreshold: Schema.optionalKey(
    described(
      PriceFromDecimal,
      'Dollars a share in the money from which an expiring option is exercised: "0.01".'
    )
  )
})
export type PaperConfig = typeof PaperConfig.Type

const InstrumentConfig = Schema.Struct({
  sector: described(Schema.String, "What exposures count it under.").pipe(
    Schema.check(
      Schema.makeFilter<string>(
        (text) =>
          (/^[^\p{C}"\\]+$/u.test(text) && text.length <= 64) ||
          "Expected a name of 1 to 64 printable characters, without quotes and backslashes"
      )
    )
  )
})

export const DeskConfig = Schema.Struct({
  $schema: Schema.optionalKey(described(Schema.String, "Where editors find the description of this file.")),
  market: Schema.optionalKey(MarketConfig),
  universe: Schema.optionalKey(
    described(
      Schema.NonEmptyArray(Symbol),
      "The symbols this desk sees and trades; all that the market source has when left out."
    )
  ),
  instruments: Schema.optionalKey(
    described(
      Schema.Record(Symbol, InstrumentConfig),
      'What this desk knows of instruments beyond the built-in table: {"MYFUND": {"sector": "House funds"}}.'
    )
  ),
  limits: Schema.optionalKey(LimitsConfig),
  paper: Schema.optionalKey(PaperConfig),
  seed: Schema.optionalKey(described(Schema.Int, "What the modelled path inside a bar is drawn from."))
}).annotate({ title: "Plimsoll desk", description: "What a project asks of its Plimsoll desk." })
export type DeskConfig = typeof DeskConfig.Type

/** In a new account when nobody says otherwise. */
export const DEFAULT_CASH = dollars(100_000)
export const DEFAULT_SEED = 1

/** `plimsoll.json` is missing or cannot be used; `problems` has one line for each thing that is wrong. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  file: Schema.String,
  problems: Schema.Array(Schema.String),
  message: Schema.String
}) {}

const invalid = (file: string, problems: ReadonlyArray<string>): ConfigInvalid =>
  new ConfigInvalid({ file, problems, message: problems.join("\n") })

const decode = SchemaParser.decodeUnknownResult(DeskConfig, { onExcessProperty: "error", errors: "all" })
const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

/** Characters of a field's name that are told. */
const MAX_FIELD = 200

const pathOf = (path: ReadonlyArray<unknown> | undefined): string =>
  (path ?? [])
    .map((part) => String(typeof part === "object" && part !== null && "key" in part ? part.key : part))
    .join(".")
    .slice(0, MAX_FIELD)

/** ":3:14" of the character at `index`. */
const lineAndColumn = (text: string, index: number): string => {
  const before = text.slice(0, index).split("\n")
  return `:${before.length}:${(before.at(-1) ?? "").length + 1}`
}

/** Line and column where a JSON text stops being one, where the parser says so. */
const placeOf = (text: string, message: string): string => {
  const at = /position (\d+)/u.exec(message)?.[1]
  if (at !== undefined) return lineAndColumn(text, Number(at))
  return message.startsWith("Unexpected end") ? lineAndColumn(text, text.length) : ""
}

const firstLine = (text: string): string => text.split("\n")[0] ?? text

/** Where one of several shapes was expected, the field that tells them apart is what to look at. */
const problemOf = (field: string, message: string): string => {
  const kinds = [...message.matchAll(/readonly "(source|model)": "([a-z-]+)"/gu)]
  const [, discriminator] = kinds[0] ?? []
  if (discriminator !== undefined) {
    const names = kinds.map(([, , name]) => `"${name}"`).join(" | ")
    return `${field}.${discriminator}: expected ${names}`
  }
  const at = field === "" ? "" : `${field}: `
  if (message === "Expected no excess property") return `${at}no such field`
  if (message === "Missing key") return `${at}missing`
  return `${at}${message.replace(/^Expected/u, "expected")}`
}

/**
 * Fields that an object of a valid JSON text has twice, each with its place. The
 * parser takes the last without a word, and a person reads the first.
 */
const saidTwice = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const objects: Array<Set<string>> = []
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/gsu)) {
    if (token === "{") objects.push(new Set())
    else if (token === "}") objects.pop()
    else if (token.endsWith(":")) {
      const name = String(JSON.parse(token.slice(0, -1)))
      if (objects.at(-1)?.has(name) === true)
        found.push(`${lineAndColumn(text, index)}: ${name} is said twice`)
      objects.at(-1)?.add(name)
    }
  }
  return found
}

/** A configuration from the text of `file`; a byte order mark before it is passed over. */
export const decodeConfig = (file: string, content: string): Result.Result<DeskConfig, ConfigInvalid> => {
  const text = content.replace(/^\uFEFF/u, "")
  const json = Result.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
  })
  if (Result.isFailure(json)) {
    return Result.fail(
      invalid(file, [`${file}${placeOf(text, json.failure)}: not JSON: ${firstLine(json.failure)}`])
    )
  }
  const twice = saidTwice(text)
  if (twice.length > 0)
    return Result.fail(
      invalid(
        file,
        twice.map((problem) => `${file}${problem}`)
      )
    )
  return Result.mapError(decode(json.success), (issue) =>
    invalid(
      file,
      formatIssue(issue).issues.map(
        ({ message, path }) => `${file}: ${problemOf(pathOf(path), firstLine(message))}`
      )
    )
  )
}

/** The JSON Schema of `plimsoll.json`, for editors. */
export const configJsonSchema = (): object => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(DeskConfig, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
}

/** What `plimsoll init` writes; `schema` is the path editors find the description at. */
export const initialConfig = (schema: string, cash: string): string =>
  `${JSON.stringify(
    {
      $schema: schema,
      market: { source: "embedded" },
      limits: { profile: "desk" },
      paper: { startingCash: cash }
    },
    null,
    2
  )}\n`
