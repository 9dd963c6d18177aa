/** A guard of limits, with every bound of `RiskLimits.ts`. See `domain/Guard.ts`. */
import { type Guard, isFilledText, isFlag, isObject, isText, list, struct } from "../domain/Guard.ts"
import { isActor } from "../domain/JournalGuards.ts"
import { isSymbol, isTimestamp } from "../domain/OrderGuards.ts"
import { hasSixDecimals } from "./ExactRatio.ts"
import type { SealedRecord } from "./LimitsStore.ts"
import { MAX_ORDERS_PER_MINUTE, type RiskLimits } from "./RiskLimits.ts"

const decimal =
  (least: number, most: number): Guard<number> =>
  (value): value is number =>
    typeof value === "number" && value >= least && value <= most && hasSixDecimals(value)

const whole =
  (least: number, most: number): Guard<number> =>
  (value): value is number =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most

const isRate = whole(1, MAX_ORDERS_PER_MINUTE)
const isRateOrNone: Guard<number | null> = (value): value is number | null => value === null || isRate(value)

const isStaleness = decimal(0, 86_400)

const staleness = { equity: isStaleness, index: isStaleness, option: isStaleness }

const fields = {
  positionRatio: decimal(0, 10),
  orderNotionalRatio: decimal(0, 10),
  grossExposureRatio: decimal(0, 10),
  dailyLossRatio: decimal(0.001, 1),
  drawdownRatio: decimal(0.001, 1),
  priceCollarRatio: decimal(0, 0.5),
  ordersPerMinute: isRateOrNone,
  reservedForReducing: whole(0, MAX_ORDERS_PER_MINUTE),
  openOrders: whole(1, 10_000),
  duplicateWindowSeconds: decimal(0, 3600),
  quoteStalenessSeconds: struct(staleness),
  restricted: list(isSymbol),
  shortSales: isFlag
}

const hasFields = struct(fields)

/** Limits as they are kept. Fields besides are not looked at. */
export const isRiskLimits: Guard<RiskLimits> = (value): value is RiskLimits =>
  hasFields(value) && (value.ordersPerMinute === null || value.reservedForReducing <= value.ordersPerMinute)

const hasOnly = (value: unknown, known: object): boolean =>
  isObject(value) && Object.keys(value).every((name) => Object.hasOwn(known, name))

/** Limits as a person writes them: without any field besides. */
export const isStrictRiskLimits: Guard<RiskLimits> = (value): value is RiskLimits =>
  isRiskLimits(value) && hasOnly(value, fields) && hasOnly(value.quoteStalenessSeconds, staleness)

export const isSealedRecord: Guard<SealedRecord> = struct({
  profile: isFilledText,
  limits: isRiskLimits,
  hash: isText,
  acceptedBy: isActor,
  tsEvent: isTimestamp
})
