/** What `import … from "plimsoll/strategy"` gives: everything a strategy of one's own is written with. */
export { defineStrategy } from "./StrategyDefinition.ts"
export type { SignalRule, StrategyDefinition, StrategyLogic, TargetLogic } from "./StrategyDefinition.ts"
export { choice, decimal, flag, whole } from "./Parameters.ts"
export type { Parameter, Parameters, ParameterValue, ValuesOf } from "./Parameters.ts"
export {
  adx,
  atr,
  bollinger,
  deviation,
  ema,
  highest,
  lowest,
  macd,
  rateOfChange,
  rsi,
  sma,
  stochastic,
  wma,
  zScore
} from "./Indicators.ts"
export type { BarField } from "./Indicators.ts"
export type { Indicator, IndicatorBar, IndicatorState } from "./Indicator.ts"
export { sumOf } from "./History.ts"
export type { Column, History } from "./History.ts"
export { isFractional, weightOf } from "./Sizing.ts"
export { expiryNear, strikeFrom, strikeUpTo } from "./OptionChain.ts"
export type { OptionChain, OptionExpiry, OptionRow } from "./OptionChain.ts"
export type {
  ActiveTrip,
  CancelIntent,
  Holding,
  Intent,
  OptionContext,
  OptionHolding,
  OptionIntent,
  OptionTrading,
  OrderIntent,
  QuantityTarget,
  Scheduled,
  Strategy,
  StrategyContext,
  StrategyFill,
  Target,
  TimeOfDay,
  WeightTarget
} from "./Strategy.ts"
export {
  dollars,
  formatMicros,
  MICROS,
  money,
  netPrice,
  notional,
  price,
  pricePerShare,
  quantity,
  quantityFor,
  shares,
  signedQuantity,
  toFloat
} from "../domain/Money.ts"
export type { Money, NetPrice, Price, Quantity, SignedQuantity } from "../domain/Money.ts"
export type { ClientOrderId, InstrumentId, Symbol } from "../domain/Identifiers.ts"
export type { Instrument } from "../domain/Instrument.ts"
export type { Order, OrderContent, OrderSide, OrderType, TimeInForce } from "../domain/Order.ts"
export type { Resolution } from "../domain/Quote.ts"
export type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
export { isOptionId, symbolOf } from "../domain/Identifiers.ts"
