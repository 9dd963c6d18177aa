/** A desk's statements take as long on a million orders as on ten: none of them reads a table through. */
import { DatabaseSync } from "node:sqlite"
import { expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer } from "effect"
import { Statement } from "effect/sql"
import { dollars } from "../../src/domain/Money.ts"
import { PermitStore } from "../../src/execution/PermitStore.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import {
  acts,
  agent,
  buy,
  deskLayer,
  fileStorage,
  goTo,
  limitAt,
  marketLayer,
  openAccount,
  orderNamed,
  person,
  requestFor,
  sell,
  turnTo
} from "../execution/TestDesk.ts"
import { ACME, closeOf, minute } from "../execution/TestMarket.ts"

/** Tables that stay small whatever happens: a row each, a row a day, what is on its way to the files. */
const small = /\b(plimsoll_migrations|sqlite_master|audit_segment|audit_outbox|lease)\b/u

/** Stops by itself: the first or the last rows in the order they are kept in. */
const isPage = (text: string): boolean =>
  !/\bWHERE\b/u.test(text) && /\bORDER BY \w+( DESC)? LIMIT\b/u.test(text)

const isSlow = ({ plan, text }: { readonly plan: string; readonly text: string }): boolean =>
  /TEMP B-TREE/u.test(plan) || (/SCAN/u.test(plan) && !isPage(text))

/** An order that comes with a permit, as from a server. */
const withPermit = Effect.gen(function* () {
  const { broker } = yield* acts
  const permits = yield* PermitStore
  const claim = { callId: "toolu_1", tool: "place_order", argumentsHash: "a" } as const
  const given = { agent: "main", sessionId: "s", steadyAt: yield* (yield* SteadyClock).now }
  yield* permits.put({ ...claim, ...given })
  yield* permits.find(claim.callId)
  const request = yield* requestFor("BUY", ACME, 10, { repeat: true })
  yield* broker.submit(request, { actor: agent, permit: claim })
})

/** What a desk does in its life: orders of every end, looks at it, a halt, the next session. */
const life = Effect.gen(function* () {
  const { account, audit, broker, journal, killSwitch, view } = yield* acts
  yield* goTo(minute(0, 5))
  yield* buy(ACME, 10, { id: "filled" })
  yield* buy(ACME, 10, { id: "resting", type: limitAt(90), timeInForce: "GTC" })
  yield* Effect.flip(buy(ACME, 100_000, { id: "denied" }))
  yield* buy(ACME, 10, { repeat: true })
  yield* buy(ACME, 10, { repeat: true })
  yield* withPermit
  const quote = yield* broker.quote(ACME.id)
  const change = { type: limitAt(91), quoteId: quote.quoteId }
  yield* broker.replace(orderNamed("resting"), change, { actor: agent })
  yield* view.status
  yield* view.fills({ after: 0, limit: 10 })
  yield* view.latestFills({ limit: 10 })
  yield* view.latestFills({ limit: 10, before: 1000 })
  const [last] = yield* broker.orders({ limit: 20 })
  if (last !== undefined) yield* broker.orders({ limit: 20, before: last })
  if (last !== undefined) yield* broker.orders({ limit: 20, before: last, instrumentId: ACME.id })
  yield* broker.orders({ limit: 20, instrumentId: ACME.id })
  yield* broker.orders({ limit: 20, working: true })
  yield* broker.history(orderNamed("filled"))
  yield* broker.cancel(orderNamed("resting"), { actor: agent })
  yield* broker.closePosition(ACME.id, { actor: agent })
  yield* killSwitch.halt("a look at the statements", agent)
  yield* journal.latest("TradingStateChanged")
  yield* killSwitch.resume("seen", person)
  yield* account.deposit(dollars(1), person)
  yield* turnTo(closeOf(0))
  yield* Effect.ignore(sell(ACME, 1, { id: "late" }))
  yield* audit.verify
})

const desk = (folder: string, record: Layer.Layer<never>) =>
  deskLayer().pipe(
    Layer.provideMerge(fileStorage(folder)),
    Layer.provideMerge(marketLayer()),
    Layer.provideMerge(record),
    Layer.provideMerge(NodeServices.layer)
  )

it.effect("no statement of a desk's life reads a table through, or sorts one", () =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    const seen = new Set<string>()
    const record = Layer.succeed(Statement.CurrentTransformer, (statement) =>
      Effect.sync(() => {
        seen.add(statement.compile()[0])
        return statement
      })
    )
    const onDesk = <A, E>(body: Effect.Effect<A, E, Layer.Success<ReturnType<typeof desk>>>) =>
      Effect.provide(body, Layer.fresh(desk(folder, record)))
    // Making the tables reads all of them; that is done once.
    yield* onDesk(openAccount())
    seen.clear()
    yield* onDesk(life)
    const db = new DatabaseSync(`${folder}/desk.db`, { readOnly: true })
    const plans = [...seen]
      .filter((text) => /^(SELECT|DELETE|UPDATE)/u.test(text) && !small.test(text))
      .map((text) => {
        const steps = db
          .prepare(`EXPLAIN QUERY PLAN ${text}`)
          .all(...Array.from(text.matchAll(/\?/gu), () => null))
        return { text, plan: steps.map(({ detail }) => String(detail)).join("; ") }
      })
    db.close()
    expect(plans.length).toBeGreaterThan(15)
    expect(plans.filter(isSlow)).toEqual([])
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
)
