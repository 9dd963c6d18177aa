/** Every sound set of limits, for property tests. */
import { Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { symbol } from "../../src/domain/Identifiers.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Whole numbers from which limits of six decimals are made. */
const Parts = Schema.Struct({
  position: whole(0, 10_000_000),
  order: whole(0, 10_000_000),
  gross: whole(0, 10_000_000),
  loss: whole(1000, 1_000_000),
  drawdown: whole(1000, 1_000_000),
  collar: whole(0, 500_000),
  rate: Schema.NullOr(whole(1, 512)),
  reserve: whole(0, 512),
  open: whole(1, 10_000),
  window: whole(0, 3_600_000),
  ages: Schema.Tuple([whole(0, 86_400), whole(0, 86_400), whole(0, 86_400)]),
  restricted: Schema.Array(Schema.Literals(["AMC", "GME", "AAPL"])),
  short: Schema.Boolean,
  uncovered: Schema.Boolean,
  spread: whole(0, 2_000_000),
  greeks: Schema.Array(whole(0, 10_000_000)).pipe(Schema.check(Schema.isMinLength(6), Schema.isMaxLength(6)))
})

const share = (parts: number | undefined): number => (parts ?? 0) / 1_000_000

export const anyLimits: Arbitrary.Arbitrary<RiskLimits> = Arbitrary.map(
  Arbitrary.schema(Parts),
  (parts): RiskLimits => ({
    positionRatio: parts.position / 1_000_000,
    orderNotionalRatio: parts.order / 1_000_000,
    grossExposureRatio: parts.gross / 1_000_000,
    dailyLossRatio: parts.loss / 1_000_000,
    drawdownRatio: parts.drawdown / 1_000_000,
    priceCollarRatio: parts.collar / 1_000_000,
    ordersPerMinute: parts.rate,
    reservedForReducing: parts.rate === null ? parts.reserve : Math.min(parts.reserve, parts.rate),
    openOrders: parts.open,
    duplicateWindowSeconds: parts.window / 1000,
    quoteStalenessSeconds: { equity: parts.ages[0], index: parts.ages[1], option: parts.ages[2] },
    restricted: parts.restricted.map((name) => symbol(name)),
    shortSales: parts.short,
    options: {
      uncovered: parts.uncovered,
      spreadRatio: parts.spread / 1_000_000,
      vegaRatio: share(parts.greeks[0]),
      totalVegaRatio: share(parts.greeks[1]),
      gammaRatio: share(parts.greeks[2]),
      totalGammaRatio: share(parts.greeks[3]),
      thetaRatio: share(parts.greeks[4]),
      totalThetaRatio: share(parts.greeks[5])
    }
  })
)
