/** `plimsoll recover`: a damaged desk made anew from its audit log. Looking is anyone's, doing it a person's. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { formatMicros } from "../../../domain/Money.ts"
import * as Ledger from "../../../portfolio/Ledger.ts"
import { damagedLog, inspect, type Inspection, recover } from "../../RecoverProgram.ts"
import { answer, documented, jsonFlag, optional } from "../CommandKit.ts"
import { exitCodes, Told } from "../Failures.ts"
import { counted, shareCount, usd } from "../Format.ts"
import { symbolOf } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { surroundings } from "../Surroundings.ts"
import { err } from "../Terminal.ts"

const inspectionJson = ({ problems, survey }: Inspection) => ({
  damaged: problems.length > 0,
  problems,
  audit_entries: survey.log.head.count,
  outbox_entries: survey.outbox.length,
  untold_lines: survey.untold,
  lines: survey.lines,
  lost_lines: survey.lostLines,
  contradicting_lines: survey.contradicting,
  audit_log_damaged: survey.isLogDamaged
})

const inspectionText = ({ problems, survey }: Inspection): ReadonlyArray<string> =>
  problems.length === 0
    ? ["Nothing is damaged: the database, the journal and the audit log's end agree."]
    : [
        "This desk is damaged:",
        ...problems.map((problem) => `  ${problem.split("\n")[0] ?? ""}`),
        "",
        `What can be got back: ${counted(survey.lines, "journal line")} (${survey.log.head.count} from the audit log's files, ${survey.outbox.length} from its outbox, ${survey.untold} from the database alone).`,
        ...(survey.isLogDamaged
          ? [
              "The audit log itself is damaged: put a copy of the file back if there is one; if not, plimsoll recover --retell begins a new log."
            ]
          : [])
      ]

const limitsWords = {
  kept: "The sealed limits are as they were.",
  lost: "The sealed limits were lost: nothing new passes until a person accepts the limits of plimsoll.json (plimsoll limits accept).",
  none: "No limits had been accepted: the desk's defaults hold, as before."
} as const

const venueWords = {
  kept: "The paper venue is as it was, its working orders too.",
  rebuilt:
    "The paper venue's state was lost: it knows every order it answered for and has none working. Reconciliation closes those in the books."
} as const

const flags = {
  check: Flag.Boolean("check").pipe(
    Flag.withDescription("only tell what is damaged and what can be got back"),
    Flag.withDefault(false)
  ),
  retell: Flag.Boolean("retell").pipe(
    Flag.withDescription(
      "begin a new audit log where the old one is damaged itself, and keep that beside the old database"
    ),
    Flag.withDefault(false)
  ),
  reason: optional(Flag.String("reason"), "what is known of how it came to this, for the journal"),
  json: jsonFlag
}

const work = Effect.fn("RecoverCommand")(function* ({
  check,
  json,
  reason,
  retell
}: {
  readonly check: boolean
  readonly retell: boolean
  readonly reason: Option.Option<string>
  readonly json: boolean
}) {
  const { folder } = surroundings()
  const found = yield* inspect(folder)
  if (check || found.problems.length === 0) {
    yield* answer(json, inspectionJson(found), inspectionText(found))
    if (found.problems.length > 0) return yield* new Told({ exitCode: exitCodes.failed })
    return
  }
  if (found.survey.isLogDamaged && !retell) return yield* damagedLog
  const person = yield* Person
  if (person.isAtTerminal) for (const line of inspectionText(found)) err(line)
  const actor = yield* person.proves("Recovering the desk", "The desk stays as it is.")
  const why = Option.match(reason, { onNone: () => "", onSome: (words) => `: ${words}` })
  const { audit, kept, recovered, survey } = yield* recover({
    folder,
    actor,
    retell,
    reason: `recovered by plimsoll recover${why} (${found.problems[0]?.split("\n")[0] ?? ""})`.slice(0, 500)
  })
  const { book, clock, fills, limits, orders, quotes, venue } = recovered
  const positions = Ledger.positions(book.ledger)
  yield* answer(
    json,
    {
      recovered: true,
      ...inspectionJson({ problems: found.problems, survey }),
      retold: survey.isLogDamaged,
      journal_lines: book.sequence,
      orders,
      fills,
      account_id: book.accountId,
      cash: formatMicros(book.ledger.cash),
      positions: positions.map(({ instrumentId, quantity }) => ({
        instrument_id: instrumentId,
        quantity: formatMicros(quantity)
      })),
      working_orders: Object.keys(book.orders),
      limits,
      venue,
      clock,
      halted: book.breaker.causes.killSwitch,
      quotes,
      audit_head: audit.hash,
      old_desk: kept
    },
    [
      `Recovered: ${counted(book.sequence, "journal line")}, ${counted(orders, "order")}, ${counted(fills, "fill")}; the audit log is intact and agrees (${counted(audit.entries, "entry", "entries")}).`,
      `Account "${book.accountId}": ${usd(book.ledger.cash)} in cash${positions.map(({ instrumentId, quantity }) => `, ${shareCount(quantity)} ${symbolOf(instrumentId)}`).join("")}.`,
      ...(survey.lostLines + survey.contradicting === 0
        ? []
        : [
            `From the audit log came back ${counted(survey.lostLines, "line")} that the database had lost; ${survey.contradicting} that it had written instead are not in the new journal.`
          ]),
      venueWords[venue],
      limitsWords[limits],
      ...(clock === "kept" ? [] : ["The market clock stands, paused, at the last thing that happened."]),
      `The old desk is kept in ${kept}.`,
      "",
      ...(book.breaker.causes.killSwitch
        ? [
            "Trading is HALTED. Next: plimsoll doctor, plimsoll status, and when all is right",
            '  plimsoll resume "looked at the recovered desk"'
          ]
        : ["Nothing was lost, and trading is as it was. Next: plimsoll doctor, plimsoll status."])
    ]
  )
})

export const recoverCommand = Command.make("recover", flags, work).pipe(
  documented(
    "Rebuild a damaged desk from its audit log and what can still be read of its database. A person's act; --check only looks, and ends with exit code 1 where something is damaged. The old desk is kept, and the new one is halted until a person resumes where something was lost.",
    ["recover --check", "what is damaged, what can be got back"],
    ["recover", "does it: at a terminal, by typing back a code"],
    ["recover --retell", "when the audit log itself is damaged and there is no copy of it"]
  )
)
