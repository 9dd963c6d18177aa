import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { fromMillis, toIso } from "../../../src/domain/Timestamp.ts"
import { dateFormatOf } from "../../../src/market/csv/CsvDates.ts"

/** Format and zone, then every text as it was read. */
const read = (...texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  Result.match(dateFormatOf(texts), {
    onFailure: (problem) => [problem],
    onSuccess: (format) => [
      `${format.name}, ${format.zone}`,
      ...texts.map((text) =>
        Result.match(format.read(text), {
          onFailure: (problem) => `bad: ${problem}`,
          onSuccess: (stamp) => (stamp._tag === "Date" ? stamp.date : toIso(stamp.at))
        })
      )
    ]
  })

describe("CsvDates", () => {
  it("dates without a time are the exchange's", () => {
    expect(read("2020-03-04", "2020/3/5")).toEqual(["YYYY-MM-DD, exchange dates", "2020-03-04", "2020-03-05"])
    expect(read("20200304")).toEqual(["YYYYMMDD, exchange dates", "2020-03-04"])
  })

  it("times without a zone are New York's, summer and winter", () => {
    expect(read("2020-01-02 09:30", "2020-07-01 09:30:15")).toEqual([
      "YYYY-MM-DD HH:MM, exchange time (New York)",
      "2020-01-02T14:30:00.000000Z",
      "2020-07-01T13:30:15.000000Z"
    ])
  })

  it("times with a zone are converted", () => {
    expect(read("2020-01-02T09:30:00-05:00", "2020-01-02T14:31:00.25Z", "2020-01-02 20:02:00+0530")).toEqual([
      "YYYY-MM-DD HH:MM with zone, as each row states it",
      "2020-01-02T14:30:00.000000Z",
      "2020-01-02T14:31:00.250000Z",
      "2020-01-02T14:32:00.000000Z"
    ])
  })

  it("Unix seconds and milliseconds are told by their length", () => {
    expect(read("1577975400")).toEqual(["Unix seconds, UTC", "2020-01-02T14:30:00.000000Z"])
    expect(read("1577975400123")).toEqual(["Unix milliseconds, UTC", "2020-01-02T14:30:00.123000Z"])
  })

  it("month and day are told apart by the whole file", () => {
    expect(read("01/02/2020", "01/31/2020")).toEqual([
      "MM/DD/YYYY, exchange dates",
      "2020-01-02",
      "2020-01-31"
    ])
    expect(read("02.01.2020", "31.01.2020")).toEqual([
      "DD/MM/YYYY, exchange dates",
      "2020-01-02",
      "2020-01-31"
    ])
  })

  it("when no row tells them apart, or rows disagree, the message says what to write instead", () => {
    expect(read("01/02/2020", "03/04/2020")[0]).toContain("write the dates as YYYY-MM-DD")
    expect(read("31/01/2020", "01/31/2020")[0]).toContain("write all dates as YYYY-MM-DD")
    expect(read("Jan 2, 2020")[0]).toContain(
      'no date format was recognised ("Jan 2, 2020"): expected such as "2020-03-04"'
    )
  })

  it("rows that are not in the file's format are bad rows", () => {
    expect(read("2020-01-02", "2020-01-03", "2020-01-06 09:30", "", "2020-02-30", "1985-01-02")).toEqual([
      "YYYY-MM-DD, exchange dates",
      "2020-01-02",
      "2020-01-03",
      'bad: the date "2020-01-06 09:30" is not YYYY-MM-DD as in the other rows',
      "bad: the date is empty",
      'bad: "2020-02-30" is not a day that exists',
      'bad: "1985-01-02" is outside the trading calendar (1998-01-01 to 2035-12-31)'
    ])
    expect(read("2020-01-02 25:00")[1]).toBe('bad: "2020-01-02 25:00" has no such time of day')
    expect(read("2020-01-02 09:30+15:00")[1]).toBe('bad: "2020-01-02 09:30+15:00" has no such zone')
    expect(read("9999999999")[1]).toContain("outside the trading calendar")
  })

  const instant = Schema.Int.pipe(
    Schema.check(Schema.isBetween({ minimum: 883_800_000, maximum: 2_082_600_000 }))
  )

  it.prop(
    "an instant is the same as seconds, milliseconds and ISO text",
    { seconds: instant },
    ({ seconds }) => {
      const iso = toIso(fromMillis(seconds * 1000))
      expect(read(String(seconds))[1]).toBe(iso)
      expect(read(String(seconds * 1000))[1]).toBe(iso)
      expect(read(iso)[1]).toBe(iso)
    }
  )
})
