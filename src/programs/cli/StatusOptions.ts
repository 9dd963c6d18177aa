/** What `status` says of options. */
import type { DeskStatus } from "../../execution/DeskView.ts"
import { optionDesk } from "../../execution/options/OptionDesk.ts"
import { hasOptions } from "../../portfolio/options/Holdings.ts"
import { dollarGreeksJson, structureJson, warningJson } from "./commands/position/PositionJson.ts"
import { structureWords, warningLines } from "./commands/position/PositionText.ts"
import { counted, dollarsText, signedUsd, type Style, table } from "./Format.ts"

/** Options, their structures and what to know of them; null where none is held. */
export const optionsJson = (status: DeskStatus) => {
  const { expiries, greeks, structures, warnings } = optionDesk(status)
  return expiries.length === 0
    ? null
    : {
        structures: structures.filter(hasOptions).map(structureJson),
        greeks: dollarGreeksJson(greeks.total),
        next_expiry: expiries[0]?.position.contract.expiry ?? null,
        warnings: warnings.map(warningJson)
      }
}

/** Structures, the account's Greeks and warnings; nothing without options. */
export const optionLines = (style: Style, status: DeskStatus): ReadonlyArray<string> => {
  const { expiries, greeks, structures, warnings } = optionDesk(status)
  const [next] = expiries
  if (next === undefined) return []
  const { deltaNotional, theta, vega } = greeks.total
  const sessions = `${counted(next.sessionsLeft, "session")} left`
  return [
    "",
    `${style.bold("Options")}  next expiry ${next.position.contract.expiry} (${sessions}); account delta ${dollarsText(deltaNotional)}, vega ${dollarsText(vega)} a point, theta ${dollarsText(theta)} a day`,
    ...table(
      structures
        .filter(hasOptions)
        .map((one) => [
          structureWords(one),
          style.dim(one.id),
          one.value === undefined ? "unknown" : signedUsd(one.value.unrealised)
        ]),
      { indent: "  ", right: [2] }
    ),
    ...warningLines(style, warnings).map((line) => `  ${line}`)
  ]
}

/** How many warnings there are; nothing where there is none. */
export const warnedOf = (status: DeskStatus): ReadonlyArray<string> => {
  const { warnings } = optionDesk(status)
  return warnings.length === 0 ? [] : [counted(warnings.length, "option warning")]
}
