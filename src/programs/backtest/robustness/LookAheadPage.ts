/** The page of the look-ahead detector. */
import { lookAheadHtml } from "../../../backtest/report/robustness/LookAheadHtml.ts"
import { timestamp } from "../../../domain/Timestamp.ts"
import { MICROS } from "../../../domain/Money.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import { version } from "../../Version.ts"
import type { LookAhead } from "./LookAheadRun.ts"

/** `command` is the whole line that gives it again. */
export const lookAheadPage = (
  { detected, isPartial, prepared, warmUps }: LookAhead,
  command: string
): string => {
  const { algorithm, file, tape } = prepared
  const { data } = file.inputs
  const [track] = tape.tracks
  const from = track?.warmUp ?? 0
  const times = [...(track?.bars.tsEvent.subarray(from) ?? [])]
  return lookAheadHtml({
    title: algorithm.definition.title,
    tested: `${data.dataset}, ${data.from} to ${data.to}`,
    symbol: String(track?.instrument.symbol ?? ""),
    curve: {
      times,
      dates: times.map((time) => exchangeDate(timestamp(time))),
      prices: [...(track?.bars.close.subarray(from) ?? [])].map((micros) => micros / MICROS)
    },
    detected,
    warmUps,
    isPartial,
    command,
    generatedBy: `plimsoll ${version}`
  })
}
