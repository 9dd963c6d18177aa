/** How far the walk of a market's hidden states has come. */
import { Option, Schema } from "effect"
import { idOf } from "../../../backtest/BacktestId.ts"
import type { ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import type {
  WalkForwardOptions,
  Walked
} from "../../../backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import { version } from "../../Version.ts"
import type { KeptWork } from "./Unfinished.ts"

const Count = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))
const State = Schema.Struct({ mean: Schema.Finite, variance: Schema.Finite })

const RegimesFile = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.Literal(1),
    fits: Count,
    degenerate: Count,
    parameters: Schema.NullOr(
      Schema.Struct({
        calm: State,
        turbulent: State,
        startsCalm: Schema.Finite,
        staysCalm: Schema.Finite,
        staysTurbulent: Schema.Finite
      })
    ),
    /** Null where there is none. */
    turbulent: Schema.Array(Schema.NullOr(Schema.Finite))
  })
)
const encode = Schema.encodeSync(RegimesFile)
const decode = Schema.decodeUnknownOption(RegimesFile, { onExcessProperty: "error" })

const walkedOf = ({ degenerate, fits, parameters, turbulent }: typeof RegimesFile.Type): Walked => ({
  degenerate,
  fits,
  parameters: parameters ?? undefined,
  turbulent: Float64Array.from(turbulent, (probability) => probability ?? Number.NaN)
})

/** Of this market's returns, fitted anew in this way. */
export const keptRegimes = ({ name, returns }: ReturnSeries, walk: WalkForwardOptions): KeptWork<Walked> => ({
  id: idOf(name, { method: "regimes", program: version, returns: Array.from(returns), ...walk }),
  what: "walk of hidden states",
  encode: ({ degenerate, fits, parameters, turbulent }) =>
    `${encode({
      version: 1,
      fits,
      degenerate,
      parameters: parameters ?? null,
      turbulent: Array.from(turbulent, (one) => (Number.isNaN(one) ? null : one))
    })}\n`,
  decode: (bytes) => {
    const walked = Option.getOrUndefined(Option.map(decode(new TextDecoder().decode(bytes)), walkedOf))
    return walked?.turbulent.length === returns.length ? walked : undefined
  }
})
