/** Is this desk fit to trade: each thing looked at, and what to do where it is not. */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result } from "effect"
import { AuditLog } from "../../audit/AuditLog.ts"
import { type InstrumentId, quoteId } from "../../domain/Identifiers.ts"
import { MAX_QUANTITY_MICROS, quantity } from "../../domain/Money.ts"
import type { OrderRequest } from "../../domain/Order.ts"
import { sessionDate } from "../../domain/Timestamp.ts"
import type { RuleName } from "../../domain/Verdict.ts"
import { Broker } from "../../execution/Broker.ts"
import { DeskView } from "../../execution/DeskView.ts"
import { compareWithLog } from "../../execution/JournalAgainstLog.ts"
import { OrderJournal } from "../../execution/OrderJournal.ts"
import { MarketData } from "../../market/MarketData.ts"
import { session, toExchangeTime, whyClosed } from "../../market/TradingCalendar.ts"
import * as Catalog from "../../storage/Catalog.ts"
import { checkRows } from "../../storage/RowCheck.ts"
import type { DeskFolder } from "../DeskFolder.ts"
import { addressOf } from "../DeskStorage.ts"
import { loadConfig, openDesk, turnCrank } from "../DeskProgram.ts"
import { inspect } from "../RecoverProgram.ts"
import { type CanaryResult, tryCanary } from "../claude/Canary.ts"
import { type ClaudeProject, readClaudeProject, whereOf } from "../claude/ClaudeProject.ts"
import { isConfigured } from "../claude/Holes.ts"
import { failed, type Finding, ok } from "./Finding.ts"
import { counted, priceWords } from "./Format.ts"

const MINIMUM_NODE = 24

/** `version` as Node tells it, "v26.10.0". */
export const checkNode = (version: string): Finding => {
  const major = Number(/^v(\d+)\./u.exec(version)?.[1])
  return major >= MINIMUM_NODE
    ? ok("Node", version)
    : failed("Node", `${version} is too old`, `run npm ci: it brings Node ${MINIMUM_NODE} or newer along`)
}

/** Writes a file to the desk's folder and waits for the disk. */
export const checkStorage = (folder: DeskFolder): Finding => {
  const file = join(folder.home, `doctor.${process.pid}`)
  try {
    const handle = openSync(file, "wx")
    try {
      writeSync(handle, "is this folder writable, and does the disk keep it?")
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    return ok("storage", `${folder.home} can be written, and fsync works`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return failed(
      "storage",
      `${folder.home} cannot be written: ${why}`,
      "give this user permission to write there, or free some space"
    )
  } finally {
    rmSync(file, { force: true })
  }
}

const describeDay = (date: string): string => {
  const day = sessionDate(date)
  return Option.match(session(day), {
    onNone: () => `closed (${Option.getOrElse(whyClosed(day), () => "no reason")})`,
    onSome: ({ close, open }) => `${toExchangeTime(open)} to ${toExchangeTime(close)}`
  })
}

/** Days anybody can look up. */
const knownDays: ReadonlyArray<readonly [date: string, expected: RegExp]> = [
  ["2001-09-11", /^closed/u],
  ["2012-10-29", /^closed/u],
  ["2018-11-23", /09:30 EST to .* 13:00 EST$/u],
  ["2019-07-05", /09:30 EDT to .* 16:00 EDT$/u],
  ["2020-04-10", /^closed \(Good Friday\)$/u]
]

export const checkCalendar = (): Finding => {
  const wrong = knownDays.find(([date, expected]) => !expected.test(describeDay(date)))
  return wrong === undefined
    ? ok("calendar", `${counted(knownDays.length, "known day")} of the exchange are right`)
    : failed(
        "calendar",
        `${wrong[0]} is said to be ${describeDay(wrong[0])}`,
        "this is a bug in plimsoll: report it"
      )
}

const reinstall = "run npm ci, or mend the market section of plimsoll.json"

const checkMarket = Effect.gen(function* () {
  const data = yield* MarketData
  const [first] = data.listings
  if (first === undefined) return failed("market", "no source offers an instrument", reinstall)
  const skipped = data.skipped.length === 0 ? "" : `; ${counted(data.skipped.length, "bad row")} left out`
  let without = ""
  for (const { instrument } of data.listings.slice(0, 25)) {
    const quote = yield* Effect.result(data.quote(instrument.id))
    if (Result.isSuccess(quote)) {
      return ok(
        "market",
        `${counted(data.listings.length, "instrument")}; ${instrument.symbol} at ${priceWords(quote.success.last)}${skipped}`
      )
    }
    if (quote.failure._tag !== "QuoteUnavailable") return failed("market", quote.failure.message, reinstall)
    without = quote.failure.message
  }
  return failed(
    "market",
    without,
    "step the clock to a time with prices, or begin anew with another market.start in plimsoll.json"
  )
})

const checkLimits = Effect.gen(function* () {
  const limits = yield* Effect.result((yield* DeskView).limits)
  if (Result.isFailure(limits)) {
    return failed(
      "limits",
      limits.failure.message,
      "mend plimsoll.json; until then no order passes, and that is as it should be"
    )
  }
  const { differences, hash, profile } = limits.success
  const waiting = differences.filter(({ direction }) => direction === "looser").length
  return ok(
    "limits",
    `"${profile}" in force and sealed (${hash.slice(0, 12)})${waiting === 0 ? "" : `; ${counted(waiting, "looser value")} of plimsoll.json waiting for a person (plimsoll limits accept)`}`
  )
})

/** Every row and index of the database; reads all of it and changes nothing. */
const checkDatabase = Effect.fnUntraced(function* (folder: DeskFolder) {
  const { problems, survey } = yield* inspect(folder)
  return problems.length === 0
    ? ok(
        "database",
        `each row matches its checksum, and the journal (${counted(survey.lines, "line")}) the audit log`
      )
    : failed(
        "database",
        `${problems[0]}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ""}`,
        "plimsoll recover --check tells what can be got back"
      )
})

/** The same on a server, whose files are the server's matter. */
const checkServerDatabase = Effect.gen(function* () {
  const rows = yield* Effect.result(checkRows)
  const lines = yield* Effect.result(compareWithLog)
  const advice = "plimsoll recover tells what can be done"
  if (Result.isFailure(rows)) return failed("database", rows.failure.message, advice)
  if (Result.isFailure(lines)) return failed("database", lines.failure.message, advice)
  return ok(
    "database",
    `each of ${counted(rows.success, "row")} matches its checksum, and the journal (${counted(lines.success, "line")}) the audit log`
  )
})

const checkAudit = Effect.gen(function* () {
  const verified = yield* Effect.result((yield* AuditLog).verify)
  return Result.isSuccess(verified)
    ? ok("audit", `${counted(verified.success.entries, "entry", "entries")}, each as it was written`)
    : failed(
        "audit",
        verified.failure.message,
        "keep a copy of the folder as it is, and find out who wrote there"
      )
})

/** More than any desk may buy; on a made-up quote where the market has none now. */
const canary = Effect.fnUntraced(function* (id: InstrumentId) {
  const broker = yield* Broker
  const quote = yield* Effect.option(broker.quote(id))
  const request: OrderRequest = {
    instrumentId: id,
    side: "BUY",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: quantity(MAX_QUANTITY_MICROS) },
    timeInForce: "DAY",
    quoteId: Option.match(quote, {
      onNone: () => quoteId("q-0000000000000000"),
      onSome: ({ quoteId: real }) => real
    })
  }
  const rule: RuleName = Option.isSome(quote) ? "order-size" : "quote-freshness"
  return { request, rule }
})

/** An order that must be denied, by the rule it is made for; held against the rules only, so that nothing is journaled. */
const checkCanary = Effect.gen(function* () {
  const data = yield* MarketData
  const journal = yield* OrderJournal
  const broker = yield* Broker
  const [first] = data.listings
  if (first === undefined) return failed("canary order", "no instrument to try one in", reinstall)
  const { request, rule } = yield* canary(first.instrument.id)
  const before = yield* journal.head
  const { verdicts } = yield* broker.preview(request, { actor: { kind: "desk", name: "doctor" } })
  const after = yield* journal.head
  const verdict = verdicts.find((one) => one.rule === rule)
  if (verdict?.outcome !== "deny") {
    return failed(
      "canary order",
      `an absurd order passes the rule ${rule}`,
      "do not trade on this desk: look at plimsoll limits show"
    )
  }
  return before === after
    ? ok("canary order", `an absurd order is denied by ${rule}, and nothing was journaled`)
    : failed(
        "canary order",
        `looking at an order wrote to the journal (line ${before} became ${after})`,
        "this is a bug in plimsoll: report it"
      )
})

/** A server that does not keep what it confirms is not opened at all. */
const checkEngine = (folder: DeskFolder) =>
  Effect.gen(function* () {
    const address = yield* addressOf(folder)
    return ok("place", `${address?.shown ?? folder.database}: ${yield* Catalog.engine}`)
  })

/** What was found on an open desk, and how its canary went before the hook and the broker. */
interface Looked {
  readonly findings: ReadonlyArray<Finding>
  readonly canary: CanaryResult | undefined
}

/** Whether both layers hold; trading is not halted by somebody who only looks. */
const lookAtCanary = ({ claude, environment }: Client) =>
  isConfigured(claude)
    ? tryCanary({ claude, environment }).pipe(
        Effect.catch(({ message }) => Effect.succeed<CanaryResult>({ _tag: "Failed", problem: message }))
      )
    : Effect.succeed(undefined)

const onOpenDesk = (folder: DeskFolder, holder: string, client: Client) =>
  Effect.provide(
    Effect.gen(function* () {
      const turned = yield* Effect.result(turnCrank)
      const crank = Result.isSuccess(turned)
        ? ok("market time", toExchangeTime(turned.success.now))
        : failed("market time", turned.failure.message, "mend what it says; until then the desk stands still")
      const check = <E extends { readonly message: string }, R>(
        name: string,
        finding: Effect.Effect<Finding, E, R>
      ) => Effect.catch(finding, (error) => Effect.succeed(failed(name, error.message, "mend what it says")))
      const findings = [
        yield* check("place", checkEngine(folder)),
        ...(folder.server === undefined ? [] : [yield* check("database", checkServerDatabase)]),
        crank,
        yield* check("market", checkMarket),
        yield* check("limits", checkLimits),
        yield* check("audit", checkAudit),
        yield* check("canary order", checkCanary)
      ]
      const looked: Looked = { findings, canary: yield* lookAtCanary(client) }
      return looked
    }),
    openDesk(folder, holder)
  )

const noDesk = (folder: DeskFolder): Finding =>
  existsSync(folder.audit)
    ? failed(
        "desk",
        "its database is missing, and its audit log is there",
        "plimsoll recover --check tells what can be got back"
      )
    : failed("desk", `there is none in ${folder.home}`, "run plimsoll init")

/** The desk, whatever fails on the way. */
const examineDesk = Effect.fnUntraced(function* (folder: DeskFolder, holder: string, client: Client) {
  const findings: Array<Finding> = [checkStorage(folder)]
  const loaded = yield* Effect.result(loadConfig(folder))
  const problem = Result.isFailure(loaded) ? loaded.failure : loaded.success.problem
  findings.push(
    problem === undefined
      ? ok("configuration", folder.config)
      : failed("configuration", problem.problems.join("; "), "mend the file; until then no order passes")
  )
  // A server's is looked at once it is open.
  if (folder.server === undefined) {
    const database = yield* Effect.result(checkDatabase(folder))
    findings.push(
      Result.isSuccess(database)
        ? database.success
        : failed("database", database.failure.message, "mend what it says")
    )
  }
  const opened = yield* Effect.result(onOpenDesk(folder, holder, client))
  const looked: Looked = Result.isSuccess(opened)
    ? { findings: [...findings, ...opened.success.findings], canary: opened.success.canary }
    : {
        findings: [...findings, failed("desk", opened.failure.message, "mend what it says")],
        canary: undefined
      }
  return looked
})

/** The project's settings of Claude Code, and the environment its hooks and servers get. */
interface Client {
  readonly claude: ClaudeProject
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Hooks and servers: what looks at them is loaded where there are any. */
const examineClient = (client: Client, hasDesk: boolean, canary: CanaryResult | undefined) =>
  isConfigured(client.claude)
    ? Effect.flatMap(
        Effect.promise(() => import("../claude/ClaudeFindings.ts")),
        ({ claudeFindings }) => claudeFindings({ ...client, hasDesk }, canary)
      )
    : Effect.succeed([ok("Claude Code", "not configured in this project")])

/** Every finding, whatever fails on the way. */
export const examine = Effect.fn("Doctor.examine")(function* (
  folder: DeskFolder,
  holder: string,
  environment: Client["environment"]
) {
  const client: Client = { claude: readClaudeProject(whereOf(folder.project, environment)), environment }
  const hasDesk = folder.server !== undefined || existsSync(folder.place) || existsSync(folder.database)
  const { canary, findings }: Looked = hasDesk
    ? yield* examineDesk(folder, holder, client)
    : { findings: [noDesk(folder)], canary: undefined }
  return [
    checkNode(process.version),
    checkCalendar(),
    ...findings,
    ...(yield* examineClient(client, hasDesk, canary))
  ]
})
