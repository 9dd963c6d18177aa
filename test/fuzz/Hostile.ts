/** Values that people, scripts and models type by mistake or on purpose, by the kind of thing that was asked for. */
import * as fc from "fast-check"

const numbers = [
  "0",
  "-0",
  "+1",
  "1",
  "2",
  "10",
  "0.5",
  "1.000001",
  "1.0000001",
  "1.",
  ".5",
  "-1",
  "-3.70",
  "1e3",
  "1e309",
  "-1e309",
  "1e-7",
  "NaN",
  "Infinity",
  "-Infinity",
  "0x10",
  "0b1",
  "1_000",
  "1,000",
  "1 000",
  "$5",
  "٣",
  "¹",
  "９",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "123456789012345678901234567890",
  "0.000000000000000000000000000001",
  "999999999999",
  "100000000",
  "100000001",
  "1000000000",
  "1000000001",
  "true",
  "null",
  "undefined",
  "[object Object]"
] as const

export const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 500 }).map(String) }
)

const dates = [
  "2020-01-02",
  "2020-01-10",
  "2020-02-30",
  "2020-13-01",
  "2020-00-10",
  "2020-1-2",
  "0000-01-01",
  "9999-12-31",
  "10000-01-01",
  "-001-01-01",
  "1999-12-31",
  "2017-01-03",
  "2017-01-04",
  "2016-02-29",
  "2017-02-29",
  "2017-03-12T02:30",
  "2017-11-05T01:30",
  "2017-01-04T10:00",
  "2017-01-04T10:00:30",
  "2017-01-04T24:00",
  "2017-01-04T10:60",
  "2017-01-04T10:00Z",
  "2017-01-04T10:00+05:30",
  "2017-01-04 10:00",
  "2017-01-04T10:00T10:00",
  "2018-12-05",
  "2017-01-07",
  "20170104",
  "01/04/2017",
  "4 January 2017",
  "٢٠١٧-٠١-٠٤",
  "today",
  "now"
] as const

export const date = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...dates) },
  {
    weight: 1,
    arbitrary: fc
      .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })
      .map((day) => day.toISOString().slice(0, 10))
  },
  { weight: 1, arbitrary: fc.date({ noInvalidDate: true }).map((day) => day.toISOString()) }
)

export const duration = fc.oneof(
  fc.constantFrom("30s", "5m", "2h", "1d", "0s", "-5m", "1w", "1.5h", "5 m", "999999d", "1000000s", "5M", ""),
  fc
    .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom("s", "m", "h", "d", "", "x"))
    .map(([n, unit]) => `${n}${unit}`)
)

/** Control characters, escapes that move a cursor or set a title, marks that turn the direction of writing, broken text. */
const strange = [
  "",
  " ",
  "\t",
  "\n",
  "a\nb",
  "a\r\nplimsoll: all is well",
  "\u0000",
  "a\u0000b",
  "\u0007",
  "\u001B[2J\u001B[H",
  "\u001B[31mred\u001B[0m",
  "\u001B]0;title\u0007",
  "\u001B]8;;http://example.com\u001B\\link\u001B]8;;\u001B\\",
  "\u009B31m",
  "\u007F\b\b\b",
  "\u202Eabc",
  "\u2066\u2069",
  "\u2028\u2029",
  "\uFEFFBOM",
  "\uD800",
  "\uDC00\uD800",
  "é",
  "e\u0301",
  "العربية",
  "שלום",
  "👩‍👩‍👧‍👦",
  "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "日本",
  "ı",
  "ß",
  "-",
  "--",
  "---",
  "-1",
  "-h",
  "--json",
  "--help",
  "--=",
  "--=x",
  "-=",
  "=",
  "==",
  "a=b",
  "@file",
  "*",
  "~",
  "$(id)",
  "`id`",
  "; rm -rf x",
  "| cat",
  "&& true",
  "'",
  '"',
  "\\",
  "%s%n",
  "{}",
  "[]",
  "{{x}}",
  "<script>",
  "' OR 1=1 --",
  "'; DROP TABLE journal; --",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "../..",
  "../../../etc/passwd",
  "..\\..",
  "/",
  ".",
  "..",
  "CON",
  "file:///etc/passwd"
] as const

export const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...strange) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom("a", "é", "👍", "\u001B", "\n", " "),
        fc.constantFrom(33, 64, 65, 256, 499, 500, 501, 2000, 2001, 20_000)
      )
      .map(([unit, count]) => unit.repeat(count))
  }
)

export const reason = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("the feed looks wrong", "checked", "a\nb", "\u001B[31mred") },
  { weight: 1, arbitrary: text }
)

export const symbol = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "SPX-REPLAY",
      "AAPL",
      "aapl",
      "spx-replay",
      "APPL",
      "SPX",
      "AAPL.XNAS",
      " AAPL",
      "SPY 240119C00450000"
    )
  },
  { weight: 2, arbitrary: text }
)

/** Names in the folder that `Desk.ts` lays out; none of them leads out of it. */
export const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "prices.csv",
      "folder",
      "missing",
      "missing/deep/file.csv",
      "fifo",
      "device",
      "endless",
      "dangling",
      "loop",
      "empty.csv",
      "binary.csv",
      "plimsoll.json",
      ".plimsoll",
      ".plimsoll/desk.db",
      ".plimsoll/audit",
      ".plimsoll/runs",
      "lean",
      "prices.csv/x",
      ".",
      "..",
      "../..",
      "new",
      "new/books",
      "a b",
      "ü.csv",
      "x".repeat(300)
    )
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      " ",
      "\n",
      "a\u001B[31mb",
      "a\u0000b",
      "\uD800",
      "~",
      "-",
      "--json",
      "x".repeat(5000)
    )
  }
)

export const choice = fc.constantFrom(
  "day",
  "gtc",
  "ioc",
  "fok",
  "open",
  "close",
  "DAY",
  "GTC",
  "AT_THE_CLOSE",
  "Day",
  "never",
  ""
)

/** Whatever: for an option of a kind that is not known here. */
export const anything = fc.oneof(number, date, duration, symbol, text, path, choice)
