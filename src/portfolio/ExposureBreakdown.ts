/** What is held, by symbol and by sector, in money. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import { type Money, money } from "../domain/Money.ts"
import { exactMoney } from "./Position.ts"

/** A position at market value; short ones are negative. */
export interface HeldValue {
  readonly instrumentId: InstrumentId
  readonly sector: string
  readonly value: Money
}

/** Long ≥ 0, short ≤ 0, gross = long − short, net = long + short. */
export interface GroupExposure {
  readonly name: string
  readonly positions: number
  readonly long: Money
  readonly short: Money
  readonly gross: Money
  readonly net: Money
}

const group = (name: string, values: ReadonlyArray<Money>): GroupExposure => {
  let long = 0
  let short = 0
  for (const value of values) {
    if (value > 0) long += value
    else short += value
  }
  return {
    name,
    positions: values.length,
    long: money(long),
    short: money(short),
    gross: exactMoney(long - short, `gross exposure to ${name}`),
    net: exactMoney(long + short, `net exposure to ${name}`)
  }
}

/** The sectors, the largest gross exposure first, equal ones by name. */
export const exposureBySector = (held: ReadonlyArray<HeldValue>): ReadonlyArray<GroupExposure> => {
  const bySector = new Map<string, Array<Money>>()
  for (const { sector, value } of held) {
    const values = bySector.get(sector)
    if (values === undefined) bySector.set(sector, [value])
    else values.push(value)
  }
  return Array.from(bySector, ([name, values]) => group(name, values)).toSorted(
    (a, b) => b.gross - a.gross || (a.name < b.name ? -1 : 1)
  )
}

/** Several groups as one; nothing at all when there are none. */
export const together = (name: string, groups: ReadonlyArray<GroupExposure>): GroupExposure => {
  const sum = (part: (one: GroupExposure) => number): Money =>
    exactMoney(
      groups.reduce((total, one) => total + part(one), 0),
      `exposure to ${name}`
    )
  return {
    name,
    positions: groups.reduce((total, { positions }) => total + positions, 0),
    long: sum(({ long }) => long),
    short: sum(({ short }) => short),
    gross: sum(({ gross }) => gross),
    net: sum(({ net }) => net)
  }
}

/** At most `most` groups: where there are more, the last of them are one of that name. */
export const withRest = (
  groups: ReadonlyArray<GroupExposure>,
  most: number,
  name: string
): ReadonlyArray<GroupExposure> =>
  groups.length <= most ? groups : [...groups.slice(0, most - 1), together(name, groups.slice(most - 1))]
