/**
 * What the lines that `lean backtest` writes say of the run. Pure.
 *
 * LEAN tells when it begins and over which dates, and when the algorithm has
 * ended; in between it says nothing by itself. Dates in the algorithm's own
 * lines (`self.log`, `self.debug`) tell how far it is.
 */
import { type SessionDate, dateOfDay, dayOfDate, sessionDate } from "../../domain/Timestamp.ts"

/** How far a LEAN run is. */
export interface LeanProgress {
  /** Starting: the container, perhaps its image, and the algorithm. Ending: statistics and files. */
  readonly phase: "starting" | "running" | "ending"
  /** The last date that the algorithm wrote. */
  readonly date: SessionDate | undefined
  /** Of the dates to play, 0 to 1; undefined where nothing told it. */
  readonly ratio: number | undefined
}

/** What LEAN says it plays. */
export interface LeanSpan {
  readonly from: SessionDate
  readonly to: SessionDate
  /** Dollars. */
  readonly cash: number | undefined
}

/** A trouble that a line gives away, whatever the exit code. */
export type LeanTrouble = "no-docker" | "no-lean-config" | "old-lean"

export interface LeanLog {
  readonly progress: LeanProgress
  readonly span: LeanSpan | undefined
  readonly version: string | undefined
  readonly trouble: LeanTrouble | undefined
  /** The first error that the algorithm or LEAN wrote. */
  readonly error: string | undefined
  /** The last lines. */
  readonly lines: ReadonlyArray<string>
}

/** Lines that a failure is told with. */
const KEPT_LINES = 40
/** A longer line is cut. */
const MAX_LINE = 2_000

export const emptyLog: LeanLog = {
  progress: { phase: "starting", date: undefined, ratio: undefined },
  span: undefined,
  version: undefined,
  trouble: undefined,
  error: undefined,
  lines: []
}

const troubles: ReadonlyArray<readonly [RegExp, LeanTrouble]> = [
  [
    /make sure Docker is installed and running|Cannot connect to the Docker daemon|Snap version of Docker/iu,
    "no-docker"
  ],
  [/requires a Lean configuration file|Select the Lean configuration file/iu, "no-lean-config"],
  [/No such option/iu, "old-lean"]
]

/** LEAN writes dates as the United States do: "10/07/2013", "10/7/2013 12:00:00 AM". */
const american = /(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})/u

const americanDate = (text: string): SessionDate | undefined => {
  const groups = american.exec(text)?.groups
  if (groups === undefined) return undefined
  const { day = "", month = "", year = "" } = groups
  return existing(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`)
}

const existing = (text: string): SessionDate | undefined => {
  const date = sessionDate(text)
  return dateOfDay(dayOfDate(date)) === date ? date : undefined
}

const dates = /Dates: Start: (?<from>\S+) End: (?<to>\S+)(?: Cash: \D{0,3}(?<cash>[\d,.]+))?/u
const stream = /Begin DataStream - Start: (?<from>\S+).*? Stop: (?<to>\S+)/u

const spanOf = (line: string): LeanSpan | undefined => {
  const groups = (dates.exec(line) ?? stream.exec(line))?.groups
  const from = americanDate(groups?.["from"] ?? "")
  const to = americanDate(groups?.["to"] ?? "")
  if (from === undefined || to === undefined || from > to) return undefined
  const cash = Number.parseFloat((groups?.["cash"] ?? "").replaceAll(",", ""))
  return { from, to, cash: Number.isFinite(cash) ? cash : undefined }
}

/** A date in what the algorithm wrote itself. */
const ownDate = (line: string): SessionDate | undefined => {
  const text = /TRACE:: (?:Log|Debug): .*?(?<date>\d{4}-\d{2}-\d{2})/u.exec(line)?.groups?.["date"]
  return text === undefined ? undefined : existing(text)
}

const progressAfter = (log: LeanLog, line: string, span: LeanSpan | undefined): LeanProgress => {
  const { progress } = log
  if (line.includes("Firing On End Of Algorithm") || line.includes("STATISTICS::")) {
    return { ...progress, phase: "ending", ratio: 1 }
  }
  if (progress.phase === "ending") return progress
  if (line.includes("Begin DataStream")) return { phase: "running", date: progress.date, ratio: 0 }
  const date = progress.phase === "running" ? ownDate(line) : undefined
  if (date === undefined || span === undefined || date < span.from || date > span.to) return progress
  const days = dayOfDate(span.to) - dayOfDate(span.from) + 1
  const ratio = (dayOfDate(date) - dayOfDate(span.from)) / days
  return { phase: "running", date, ratio: Math.max(ratio, progress.ratio ?? 0) }
}

/** Colours, where `lean` was made to write them. */
const colour = new RegExp(`${String.fromCodePoint(27)}\\[[\\d;]*[A-Za-z]`, "gu")

const cleaned = (line: string): string => line.replaceAll(colour, "").trimEnd().slice(0, MAX_LINE)

/** The log with one more line. */
export const withLine = (log: LeanLog, raw: string): LeanLog => {
  const line = cleaned(raw)
  if (line === "") return log
  const told = spanOf(line)
  const span = told === undefined ? log.span : { ...told, cash: told.cash ?? log.span?.cash }
  const version = /LEAN (?:ALGORITHMIC TRADING )?ENGINE v(?<version>[\d.]+)/iu.exec(line)?.groups?.["version"]
  return {
    progress: progressAfter(log, line, span),
    span,
    version: log.version ?? version,
    trouble: log.trouble ?? troubles.find(([pattern]) => pattern.test(line))?.[1],
    error: log.error ?? /(?:ERROR:: |^Error: |Runtime Error: )(?<error>.+)$/u.exec(line)?.groups?.["error"],
    lines: [...log.lines, line].slice(-KEPT_LINES)
  }
}
