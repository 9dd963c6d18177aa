/** A guard of limits, with every bound of `RiskLimits.ts`. See `domain/Guard.ts`. */
import { type Guard, isFilledText, isFlag, isObject, isText, list, struct } from "../domain/Guard.ts"
import { isActor } from "../domain/JournalGuards.ts"
import { isSymbol, isTimestamp } from "../domain/OrderGuards.ts"
import { hasSixDecimals } from "./ExactRatio.ts"
import type { SealedRecord } from "./LimitsStore.ts"
import { completeLimits, MAX_ORDERS_PER_MINUTE, type OptionLimits, type StoredLimits } from "./RiskLimits.ts"

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

const isShare = decimal(0, 10)

const optionFields = {
  uncovered: isFlag,
  spreadRatio: decimal(0, 2),
  vegaRatio: isShare,
  totalVegaRatio: isShare,
  gammaRatio: isShare,
  totalGammaRatio: isShare,
  thetaRatio: isShare,
  totalThetaRatio: isShare
}

const isOptionLimits: Guard<OptionLimits> = struct(optionFields)

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

const optional = { options: isOptionLimits }

const hasFields = struct(fields, optional)

/** Limits as they are kept. Fields besides are not looked at. */
export const isRiskLimits: Guard<StoredLimits> = (value): value is StoredLimits =>
  hasFields(value) && (value.ordersPerMinute === null || value.reservedForReducing <= value.ordersPerMinute)

const hasOnly = (value: unknown, known: object): boolean =>
  isObject(value) && Object.keys(value).every((name) => Object.hasOwn(known, name))

/** Limits as a person writes them: without any field besides. */
export const isStrictRiskLimits: Guard<StoredLimits> = (value): value is StoredLimits =>
  isRiskLimits(value) &&
  hasOnly(value, { ...fields, ...optional }) &&
  hasOnly(value.quoteStalenessSeconds, staleness) &&
  (value.options === undefined || hasOnly(value.options, optionFields))

/** A sealed record as it is kept. */
export type StoredRecord = Omit<SealedRecord, "limits"> & { readonly limits: StoredLimits }

export const isSealedRecord: Guard<StoredRecord> = struct({
  profile: isFilledText,
  limits: isRiskLimits,
  hash: isText,
  acceptedBy: isActor,
  tsEvent: isTimestamp
})

/** The record with what it leaves out. */
export const sealedOf = (record: StoredRecord | undefined): SealedRecord | undefined =>
  record === undefined ? undefined : { ...record, limits: completeLimits(record.limits) }
