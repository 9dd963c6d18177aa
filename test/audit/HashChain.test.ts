import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import type { AuditRecord } from "../../src/audit/AuditEntry.ts"
import { genesis, link, MAX_LINE_BYTES, readLine } from "../../src/audit/HashChain.ts"
import { dayOfDate, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { record } from "./TestLog.ts"

const micros = (date: string, hour: number) =>
  timestamp((dayOfDate(sessionDate(date)) * 86_400 + hour * 3600) * 1_000_000)

const time = micros("2026-03-02", 0)
const base: AuditRecord = {
  marketTime: micros("2004-06-10", 20),
  actor: { kind: "person", name: "cli" },
  action: "account.opened",
  resource: "account/desk",
  outcome: "done",
  details: { b: [1, true, null], a: 'é\n"≤' }
}

describe("link", () => {
  it("writes the lines and hashes that an independent implementation computes", () => {
    // Python 3.12: json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False), hashlib.sha256.
    const first = Result.getOrThrow(link(base, time, genesis))
    expect(first.point).toEqual({
      count: 1,
      hash: "2cbac036a7dc8387a547fd0e6820c25056dcaacadb8af1bbeb22ddcda8caca42"
    })
    expect(first.line).toBe(
      '{"action":"account.opened","actor":{"kind":"person","name":"cli"},"details":{"a":"é\\n\\"≤","b":[1,true,null]},"hash":"2cbac036a7dc8387a547fd0e6820c25056dcaacadb8af1bbeb22ddcda8caca42","marketTime":"2004-06-10T20:00:00.000000Z","outcome":"done","previousHash":"0000000000000000000000000000000000000000000000000000000000000000","resource":"account/desk","sequence":1,"time":"2026-03-02T00:00:00.000000Z"}'
    )
    const denial: AuditRecord = {
      ...base,
      action: "order.denied",
      resource: "order/O-1",
      outcome: "denied",
      details: { value: 0.25, limit: 0.2 }
    }
    const second = Result.getOrThrow(link(denial, time, first.point))
    expect(second.point.hash).toBe("5888f63d86d43cb2adddeae0cc2bac5516cdc3ec36c850b841effdfb4b46ff1d")
  })

  it("leaves out keys of the details that are undefined", () => {
    const linked = Result.getOrThrow(link({ ...base, details: { a: 1, b: undefined } }, time, genesis))
    expect(Result.getOrThrow(readLine(linked.line)).details).toEqual({ a: 1 })
  })

  const cycle: Record<string, unknown> = {}
  cycle["self"] = cycle
  it.each<[string, Partial<AuditRecord>, string]>([
    ["NaN", { details: { value: Number.NaN } }, "NaN"],
    ["half a surrogate pair", { details: { rationale: "\ud800" } }, "surrogate"],
    ["half a surrogate pair in a name", { resource: "order/\udfff" }, "surrogate"],
    ["a cycle", { details: cycle }, "Circular"],
    ["no details", { details: undefined }, "not a JSON value"],
    ["an action out of its form", { action: "Order Denied" }, "action"],
    ["an empty resource", { resource: "" }, "resource"],
    ["a line that is too long", { details: "x".repeat(MAX_LINE_BYTES) }, "longer than"]
  ])("refuses %s and says so", (_, change, reason) => {
    const linked = link({ ...base, ...change }, time, genesis)
    expect(Result.isFailure(linked) && linked.failure).toContain(reason)
  })
})

describe("readLine", () => {
  const { line } = Result.getOrThrow(link(record(1), time, genesis))
  const kindOf = (text: string) => {
    const read = readLine(text)
    return Result.isFailure(read) ? read.failure.kind : "an entry"
  }

  it("gives back the entry that was linked", () => {
    const entry = Result.getOrThrow(readLine(line))
    expect(entry).toMatchObject({
      sequence: 1,
      action: "order.denied",
      resource: "order/O-1",
      outcome: "denied"
    })
    expect(entry.time).toBe("2026-03-02T00:00:00.000000Z")
  })

  it.each([
    ["an empty line", "", "garbage"],
    ["text", "hello", "garbage"],
    ["JSON that is no entry", '{"sequence":1}', "garbage"],
    ["half a line", line.slice(0, 100), "garbage"],
    ["a field too many", line.replace("{", '{"aaa":1,'), "unknown-field"],
    ["a field too many inside the actor", line.replace('"kind"', '"age":3,"kind"'), "unknown-field"],
    ["another content", line.replace("O-1", "O-2"), "changed"],
    ["another way to write the same", line.replace(":", ": "), "changed"],
    ["a key written twice", line.replace("{", '{"action":"order.denied",'), "changed"]
  ])("tells %s from an entry", (_, text, kind) => {
    expect(kindOf(text)).toBe(kind)
  })
})
