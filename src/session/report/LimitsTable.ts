/** The limits in force, in words. */
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import { count, plainPercent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { table, wordHeads } from "./Table.ts"

type Row = readonly [name: string, value: string, meaning: string]

const rowsOf = (limits: RiskLimits): ReadonlyArray<Row> => [
  [
    "Position",
    plainPercent(limits.positionRatio),
    "Most of equity that one instrument may be, working orders counted as filled."
  ],
  ["Order notional", plainPercent(limits.orderNotionalRatio), "Most of equity that one order may be."],
  [
    "Gross exposure",
    plainPercent(limits.grossExposureRatio),
    "Most of equity that long and short positions together may be."
  ],
  [
    "Daily loss",
    plainPercent(-limits.dailyLossRatio),
    "Loss against equity at the prior close at which only reducing orders are left until the next session's open."
  ],
  [
    "Drawdown",
    plainPercent(-limits.drawdownRatio),
    "Fall from the peak of equity at which only reducing orders are left until trading is resumed; the peak is then counted anew."
  ],
  [
    "Price collar",
    plainPercent(limits.priceCollarRatio),
    "How far from the market an order's price, or the quote it cites, may be."
  ],
  [
    "Orders a minute",
    limits.ordersPerMinute === null ? "no limit" : count(limits.ordersPerMinute),
    `Orders and replacements in any minute of market time, ${count(limits.reservedForReducing)} of them kept for reducing orders.`
  ],
  ["Open orders", count(limits.openOrders), "Working orders at once."],
  [
    "Duplicate window",
    `${limits.duplicateWindowSeconds} s`,
    "An order like one sent less than this ago is a duplicate and is denied."
  ],
  [
    "Quote age",
    `${limits.quoteStalenessSeconds.equity} s equity, ${limits.quoteStalenessSeconds.index} s index, ${limits.quoteStalenessSeconds.option} s option`,
    "The greatest age of the quote that an order cites."
  ],
  [
    "Restricted",
    limits.restricted.length === 0 ? "none" : limits.restricted.join(", "),
    "Symbols nothing may be sent for."
  ],
  ["Short sales", limits.shortSales ? "allowed" : "denied", "Whether a sale may go beyond what is held."],
  [
    "Uncovered options",
    limits.options.uncovered ? "allowed" : "denied",
    "Whether calls may be written that nothing covers, and puts beyond what the cash secures."
  ],
  [
    "Option spread",
    plainPercent(limits.options.spreadRatio),
    "The widest spread, of its middle, that a market order for options is taken at."
  ],
  [
    "Vega",
    `${plainPercent(limits.options.vegaRatio)}, in all ${plainPercent(limits.options.totalVegaRatio)}`,
    "Most of equity that options on one underlying may gain or lose per point of volatility, without signs."
  ],
  [
    "Gamma",
    `${plainPercent(limits.options.gammaRatio)}, in all ${plainPercent(limits.options.totalGammaRatio)}`,
    "Most of equity that delta times price of options on one underlying may change by per 1% of it, without signs."
  ],
  [
    "Theta",
    `${plainPercent(limits.options.thetaRatio)}, in all ${plainPercent(limits.options.totalThetaRatio)}`,
    "Most of equity that options on one underlying may gain or lose by a day, without signs."
  ]
]

export const limitsTable = ({ limits, name, label }: LimitsProfile): Html =>
  table({
    id: "limits",
    caption: `Profile “${name}”`,
    note: label,
    heads: wordHeads("Limit", "Value", "Meaning"),
    rows: rowsOf(limits).map(
      ([name, value, meaning]) =>
        html` <tr>
          <th scope="row">${name}</th>
          <td class="text">${value}</td>
          <td class="text wide-text">${meaning}</td>
        </tr>`
    )
  })
