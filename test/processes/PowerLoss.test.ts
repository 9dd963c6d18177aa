/** The disk has an order before the venue does: by the process's own system calls. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { fileStorage } from "../execution/TestDesk.ts"
import { bundled } from "../support/BundledScript.ts"
import { numbers } from "../support/Numbers.ts"
import { skippedName } from "../support/Shared.ts"
import { DroppingDisk } from "./DroppingDisk.ts"
import { gather, problemsOf } from "./Evidence.ts"
import { type Call, hasStrace, NO_STRACE, traceCalls } from "./SystemCalls.ts"

const ORDERS = 6

let work = ""
let calls: ReadonlyArray<Call> = []

/** "sending o3" */
const saidBy = (call: Call): string =>
  call.kind === "write" && call.at === undefined ? String(call.bytes).trim() : ""
const placeOf = (words: string): number => calls.findIndex((call) => saidBy(call) === words)

const isOn = (name: RegExp) => (call: Call) => name.test(call.path)
const isWal = isOn(/desk\.db-wal$/u)
const isAudit = isOn(/\.ndjson$/u)
const holds = (call: Call, text: string): boolean => call.kind === "write" && call.bytes.includes(text)

const suite = () => {
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "plimsoll-power-"))
    mkdirSync(join(work, "desk"))
    mkdirSync(join(work, "traces"))
    const script = fileURLToPath(await bundled(new URL("children/sendOnDesk.ts", import.meta.url)))
    calls = await traceCalls(
      script,
      [join(work, "desk"), String(ORDERS)],
      join(work, "desk"),
      join(work, "traces")
    )
  }, 120_000)
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  it("writes and syncs the journal, then the audit log, and only then sends", () => {
    for (let i = 1; i <= ORDERS; i++) {
      const asked = placeOf(`asked o${i}`)
      const sending = placeOf(`sending o${i}`)
      expect(asked).toBeGreaterThanOrEqual(0)
      expect(sending).toBeGreaterThan(asked)
      const between = calls.slice(asked, sending)
      const first = (from: number, found: (call: Call) => boolean) =>
        between.findIndex((call, n) => n > from && found(call))
      const announced = first(-1, (call) => isAudit(call) && holds(call, `"o${i}"`))
      const journaled = between
        .slice(0, announced)
        .findLastIndex((call) => isWal(call) && call.kind === "write")
      const journalSynced = first(journaled, (call) => isWal(call) && call.kind === "sync")
      const announcementSynced = first(announced, (call) => isAudit(call) && call.kind === "sync")
      expect(between.slice(0, announced).some((call) => isWal(call) && holds(call, `"o${i}"`))).toBe(true)
      expect(journaled).toBeGreaterThanOrEqual(0)
      expect(journalSynced).toBeGreaterThan(journaled)
      expect(announced).toBeGreaterThan(journalSynced)
      expect(announcementSynced).toBeGreaterThan(announced)
    }
  })

  /** The desk as it is when the power goes after these calls, opened again. */
  const afterLoss = (played: ReadonlyArray<Call>, seed: number | undefined) =>
    Effect.gen(function* () {
      const disk = new DroppingDisk()
      for (const call of played) disk.play(call)
      const into = mkdtempSync(join(work, "left-"))
      disk.lose(join(work, "desk"), into, seed === undefined ? undefined : numbers(seed))
      return yield* Effect.gen(function* () {
        yield* (yield* AuditLog).flush
        return yield* gather
      }).pipe(Effect.provide(fileStorage(into).pipe(Layer.provideMerge(NodeServices.layer))))
    })

  it.effect(
    "has every order that was sent when the power goes, whichever unsynced writes are lost",
    () =>
      Effect.gen(function* () {
        for (let i = 1; i <= ORDERS; i++) {
          const sending = placeOf(`sending o${i}`)
          for (const seed of [undefined, i]) {
            const evidence = yield* afterLoss(calls.slice(0, sending), seed)
            expect(problemsOf(evidence, false)).toEqual([])
            const sent = evidence.lines.flatMap(({ event }) =>
              event._tag === "OrderSubmitted" ? [String(event.clientOrderId)] : []
            )
            for (let n = 1; n <= i; n++) expect(sent).toContain(`o${n}`)
          }
        }
      }),
    120_000
  )

  it.effect("has what was answered, when the power goes after the answer", () =>
    Effect.gen(function* () {
      const answered = calls.findIndex((call) => saidBy(call).startsWith("answered o1 "))
      const evidence = yield* afterLoss(calls.slice(0, answered), undefined)
      const status = saidBy(calls[answered] ?? { kind: "sync", path: "" })
        .split(" ")
        .at(-1)
      expect(evidence.orders.find(({ clientOrderId }) => clientOrderId === "o1")?.status).toBe(status)
    })
  )

  it.effect("would not have it, did the process sync nothing", () =>
    Effect.gen(function* () {
      const [asked, sending] = [placeOf("asked o2"), placeOf("sending o2")]
      const played = calls.slice(0, sending).filter((call, n) => n < asked || call.kind !== "sync")
      const { lines } = yield* afterLoss(played, undefined)
      expect(lines.some(({ event }) => "clientOrderId" in event && event.clientOrderId === "o2")).toBe(false)
      expect(lines.some(({ event }) => "clientOrderId" in event && event.clientOrderId === "o1")).toBe(true)
    })
  )
}

if (hasStrace) describe("a process that sends orders", suite)
else it.skip(skippedName("a process that sends orders", NO_STRACE), () => {})
