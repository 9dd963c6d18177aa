/** The nights on which New York's clocks are set, by the tz database that Node carries: not by the code under test. */

const offset = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", timeZoneName: "longOffset" })

/** "GMT-05:00" */
const offsetAt = (millis: number): string =>
  offset.formatToParts(millis).find(({ type }) => type === "timeZoneName")?.value ?? ""

const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/New_York",
  dateStyle: "short",
  timeStyle: "medium"
})
/** "2004-10-31 01:30:00" */
export const newYork = (micros: number): string => clock.format(micros / 1000)

const DAY = 86_400_000

export interface ClockChange {
  /** The Sunday. */
  readonly date: string
  readonly season: "spring" | "autumn"
}

/** Every one from 1998 to 2035. */
export const clockChanges: ReadonlyArray<ClockChange> = (() => {
  const found: Array<ClockChange> = []
  for (let noon = Date.UTC(1998, 0, 2, 12); noon < Date.UTC(2036, 0, 1); noon += DAY) {
    if (offsetAt(noon) === offsetAt(noon - DAY)) continue
    found.push({
      date: new Date(noon).toISOString().slice(0, 10),
      season: offsetAt(noon) === "GMT-04:00" ? "spring" : "autumn"
    })
  }
  return found
})()
