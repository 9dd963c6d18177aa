/** The limits in force beside what the project's file asks for. */
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import type { LimitsInForce } from "../../risk/SealedLimits.ts"
import { type Style, table } from "./Format.ts"

const rows = (limits: RiskLimits): ReadonlyArray<readonly [field: string, value: string]> => [
  ["positionRatio", String(limits.positionRatio)],
  ["orderNotionalRatio", String(limits.orderNotionalRatio)],
  ["grossExposureRatio", String(limits.grossExposureRatio)],
  ["dailyLossRatio", String(limits.dailyLossRatio)],
  ["drawdownRatio", String(limits.drawdownRatio)],
  ["priceCollarRatio", String(limits.priceCollarRatio)],
  ["ordersPerMinute", limits.ordersPerMinute === null ? "no limit" : String(limits.ordersPerMinute)],
  ["reservedForReducing", String(limits.reservedForReducing)],
  ["openOrders", String(limits.openOrders)],
  ["duplicateWindowSeconds", String(limits.duplicateWindowSeconds)],
  ["quoteStalenessSeconds.equity", String(limits.quoteStalenessSeconds.equity)],
  ["quoteStalenessSeconds.index", String(limits.quoteStalenessSeconds.index)],
  ["quoteStalenessSeconds.option", String(limits.quoteStalenessSeconds.option)],
  ["restricted", limits.restricted.join(", ") || "none"],
  ["shortSales", String(limits.shortSales)],
  ["options.uncovered", String(limits.options.uncovered)],
  ["options.spreadRatio", String(limits.options.spreadRatio)],
  ["options.vegaRatio", String(limits.options.vegaRatio)],
  ["options.totalVegaRatio", String(limits.options.totalVegaRatio)],
  ["options.gammaRatio", String(limits.options.gammaRatio)],
  ["options.totalGammaRatio", String(limits.options.totalGammaRatio)],
  ["options.thetaRatio", String(limits.options.thetaRatio)],
  ["options.totalThetaRatio", String(limits.options.totalThetaRatio)]
]

export interface LimitRow {
  readonly field: string
  readonly inForce: string
  readonly sealed: string
  readonly file: string
  readonly direction: "looser" | "tighter" | "same"
}

/** Every limit; the file's and the sealed value are those in force where nothing differs. */
export const limitRows = ({ differences, limits }: LimitsInForce): ReadonlyArray<LimitRow> =>
  rows(limits).map(([field, inForce]) => {
    const difference = differences.find((one) => one.field === field)
    return {
      field,
      inForce,
      sealed: difference?.sealed ?? inForce,
      file: difference?.candidate ?? inForce,
      direction: difference?.direction ?? "same"
    }
  })

const arrow = ({ direction }: LimitRow, style: Style): string => {
  switch (direction) {
    case "looser":
      return style.yellow("↑ looser, waits for a person")
    case "tighter":
      return style.green("↓ tighter, in force")
    case "same":
      return ""
  }
}

export const limitsText = (inForce: LimitsInForce, style: Style): ReadonlyArray<string> => {
  const all = limitRows(inForce)
  const looser = all.filter(({ direction }) => direction === "looser")
  return [
    `Limits of the profile "${inForce.profile}" (${inForce.hash.slice(0, 12)})`,
    ...table([
      ["", "in force", "sealed", "plimsoll.json", ""].map(style.bold),
      ...all.map((row) => [row.field, row.inForce, row.sealed, row.file, arrow(row, style)])
    ]),
    ...(looser.length === 0
      ? []
      : ["", "The looser values wait until a person accepts the file: plimsoll limits accept"])
  ]
}
