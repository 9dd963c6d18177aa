/** What the store of backtests can fail with. */
import { Schema } from "effect"

/** There is no backtest of that name, or there are several. */
export class BacktestNotFound extends Schema.TaggedError<BacktestNotFound>()("BacktestNotFound", {
  name: Schema.String,
  message: Schema.String
}) {}

/** What is stored of a backtest cannot be used; the others are as they were. */
export class BacktestDamaged extends Schema.TaggedError<BacktestDamaged>()("BacktestDamaged", {
  id: Schema.String,
  file: Schema.String,
  problem: Schema.String,
  message: Schema.String
}) {}

/** The same inputs gave another result than before: one of the two is wrong. The earlier one is kept. */
export class BacktestNotReproducible extends Schema.TaggedError<BacktestNotReproducible>()(
  "BacktestNotReproducible",
  {
    id: Schema.String,
    /** Hashes of the results. */
    earlier: Schema.String,
    now: Schema.String,
    message: Schema.String
  }
) {}

/** The folder of the backtests cannot be read or written. */
export class BacktestStoreFailed extends Schema.TaggedError<BacktestStoreFailed>()("BacktestStoreFailed", {
  file: Schema.String,
  message: Schema.String
}) {}
