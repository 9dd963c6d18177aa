/** The kit: what it makes of any tool, whatever the tool does. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Result, Schema } from "effect"
import { PriceFromDecimal } from "../../../src/domain/Money.ts"
import { answered, failed, MAX_ANSWER } from "../../../src/programs/mcp/kit/Answer.ts"
import { argumentsDecoder } from "../../../src/programs/mcp/kit/Arguments.ts"
import { cursorOf, fitting, pageOf, positionOf } from "../../../src/programs/mcp/kit/Pages.ts"
import { idIn } from "../../../src/programs/mcp/kit/Resource.ts"
import { innerCall, tool } from "../../../src/programs/mcp/kit/Tool.ts"
import { camelCase, fromWire, snakeCase, toWire } from "../../../src/programs/mcp/kit/Wire.ts"
import { wireSchemaOf } from "../../../src/programs/mcp/kit/WireSchema.ts"
import { serveDesk } from "./McpDesk.ts"

class TooHot extends Schema.TaggedError<TooHot>()("TooHot", { message: Schema.String }) {}

const stove = tool({
  name: "heat",
  title: "Heat",
  description: "Heats.",
  annotations: { readOnly: false, destructive: true },
  input: Schema.Struct({
    toCelsius: Schema.Finite,
    forWhom: Schema.optionalKey(Schema.Struct({ lastName: Schema.String }))
  }),
  output: Schema.Struct({
    nowCelsius: Schema.Finite,
    servedTo: Schema.Array(Schema.Struct({ lastName: Schema.String }))
  }),
  next: { TooHot: "let it cool." },
  handle: ({ forWhom, toCelsius }) =>
    toCelsius > 100
      ? Effect.fail(new TooHot({ message: `${toCelsius} is too hot` }))
      : toCelsius < -273
        ? Effect.die(new Error("colder than cold"))
        : Effect.succeed({ nowCelsius: toCelsius, servedTo: forWhom === undefined ? [] : [forWhom] }),
  text: ({ nowCelsius }) => `It has ${nowCelsius} °C.`
})

const heat = (args: unknown) => Effect.runPromise(stove.call(innerCall(args)))

describe("names on the wire", () => {
  it.prop(
    "are the code's own after going out and coming in",
    {
      name: Schema.String.pipe(
        Schema.check(Schema.isPattern(/^[a-z][a-z0-9]{0,6}(?:[A-Z][a-z0-9]{0,6}){0,3}$/u))
      )
    },
    ({ name }) => {
      expect(camelCase(snakeCase(name))).toBe(name)
      expect(snakeCase(name)).toMatch(/^[a-z0-9_]+$/u)
    }
  )
  it("are turned at every depth, and values are not", () => {
    const value = { quoteId: "aB", rows: [{ lastPrice: null }, 1, "xY"] }
    expect(toWire(value)).toEqual({ quote_id: "aB", rows: [{ last_price: null }, 1, "xY"] })
    expect(fromWire(toWire(value))).toEqual(value)
  })
  it("stand in the schemas, which refuse what they do not name", () => {
    expect(
      wireSchemaOf(Schema.Struct({ aB: Schema.Struct({ cD: Schema.optionalKey(Schema.Int) }) }))
    ).toEqual({
      type: "object",
      properties: {
        a_b: { type: "object", properties: { c_d: { type: "integer" } }, additionalProperties: false }
      },
      required: ["a_b"],
      additionalProperties: false
    })
  })
})

describe("an argument's description", () => {
  it("is in the schema, also where it is decoded into something else", () => {
    const properties = wireSchemaOf(
      Schema.Struct({
        plain: Schema.String.annotate({ description: "as it comes" }),
        checked: Schema.String.pipe(
          Schema.check(Schema.makeFilter<string>((text) => text !== "" || "expected a text"))
        ).annotate({ description: "looked at" }),
        price: Schema.optionalKey(PriceFromDecimal.annotate({ description: "in dollars" }))
      })
    ).properties
    expect(properties).toEqual({
      plain: { type: "string", description: "as it comes" },
      checked: { type: "string", description: "looked at" },
      price: { anyOf: [{ type: "string" }, { type: "number" }], description: "in dollars" }
    })
  })
})

describe("arguments", () => {
  const schema = Schema.Struct({ lines: Schema.Array(Schema.Struct({ unitPrice: Schema.Finite })) })
  const decode = argumentsDecoder("order", schema, () => wireSchemaOf(schema))
  const problems = (input: unknown) =>
    Result.match(decode(input), { onFailure: (e) => e.problems, onSuccess: () => [] })

  it("are decoded with the code's names", () => {
    expect(decode({ lines: [{ unit_price: 2 }] })).toEqual(Result.succeed({ lines: [{ unitPrice: 2 }] }))
  })
  it("that nobody knows are refused with their path and the nearest name", () => {
    expect(problems({ lines: [{ unit_price: 2 }, { unit_prise: 2 }] })).toEqual([
      "lines[1].unit_prise: no such argument; did you mean unit_price?"
    ])
    expect(problems({ lines: [{ unitPrice: 2 }] })).toEqual([
      "lines[0].unitPrice: no such argument; did you mean unit_price?"
    ])
  })
  it.each([[undefined], [null], ["text"], [[1]]])("%j are no arguments", (input) => {
    expect(problems(input)).toEqual(["expected an object of arguments"])
  })
  it("with a hundred mistakes are told ten of them, each short", () => {
    const wrong = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${"x".repeat(5000)}${n}`, n]))
    const told = problems(wrong)
    expect(told.length).toBe(10)
    expect(told.join("").length).toBeLessThan(4000)
  })
  it("called __proto__ reach nothing", () => {
    expect(problems(JSON.parse('{"lines": [], "__proto__": {"unit_price": 1}}'))).toHaveLength(1)
  })
})

describe("a tool", () => {
  it("answers with the value for programs and a text for people", async () => {
    expect(await heat({ to_celsius: 40, for_whom: { last_name: "Plimsoll" } })).toEqual({
      content: [{ type: "text", text: "It has 40 °C." }],
      structuredContent: { now_celsius: 40, served_to: [{ last_name: "Plimsoll" }] }
    })
  })
  it("tells a typed failure as an error with what to do next", async () => {
    expect(await heat({ to_celsius: 101 })).toEqual({
      isError: true,
      content: [{ type: "text", text: "TooHot: 101 is too hot\nNext: let it cool." }]
    })
  })
  it("tells a defect as a bug, and nothing of its inside", async () => {
    const result = await heat({ to_celsius: -300 })
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result)).toContain("this is a bug in plimsoll")
    expect(JSON.stringify(result)).not.toContain("Kit.test")
  })
})

describe("an answer", () => {
  it("that would be too long is a failure that says to ask for less", () => {
    const result = answered("list", { rows: "x".repeat(MAX_ANSWER) }, "many")
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result).length).toBeLessThan(1000)
  })
  it("of a failure leaves details out that do not fit, and cuts its words", () => {
    const result = failed({ _tag: "X", message: "m".repeat(100_000) }, "n", "d".repeat(100_000))
    expect(result.content).toHaveLength(1)
    expect(JSON.stringify(result).length).toBeLessThan(MAX_ANSWER)
  })
})

describe("pages", () => {
  it("hold all rows once, as many as fit", () => {
    const rows = Array.from({ length: 1000 }, (_, n) => ({ n, text: "x".repeat(n % 90) }))
    const seen: Array<number> = []
    let offset = 0
    for (let pages = 0; pages < 1000; pages++) {
      const page = pageOf(rows, { question: "q", offset, limit: 100 })
      expect(JSON.stringify(page.rows).length).toBeLessThanOrEqual(12_100)
      seen.push(...page.rows.map(({ n }) => n))
      if (page.nextCursor === null) break
      offset = Number(Effect.runSync(positionOf("q", page.nextCursor)))
    }
    expect(seen).toEqual(rows.map(({ n }) => n))
  })
  it("begin with a row however long it is", () => {
    expect(fitting(["x".repeat(50_000), "y"])).toHaveLength(1)
  })
  it("take their own question's cursors and no others", () => {
    const cursor = cursorOf({ a: 1 }, "7")
    expect(Effect.runSync(positionOf({ a: 1 }, cursor))).toBe("7")
    for (const other of [cursorOf({ a: 2 }, "7"), "", "!!", "AAAA"]) {
      expect(Effect.runSync(Effect.flip(positionOf({ a: 1 }, other)))._tag).toBe("CursorInvalid")
    }
  })
})

describe("a resource's address", () => {
  it.each([
    ["plimsoll://limits", "plimsoll://limits", ""],
    ["plimsoll://orders/{id}", "plimsoll://orders/o-1", "o-1"],
    ["plimsoll://orders/{id}", "plimsoll://orders/a%20b", "a b"],
    ["plimsoll://orders/{id}", "plimsoll://orders/", undefined],
    ["plimsoll://orders/{id}", "plimsoll://orders/%E0%A4%A", undefined],
    ["plimsoll://limits", "plimsoll://limits/x", undefined]
  ])("%s of %s has the id %s", (template, uri, id) => {
    expect(idIn(template, uri)).toBe(id)
  })
})

describe("a server", () => {
  const definition = (tools: Parameters<typeof serveDesk>[0]["tools"]) => ({
    name: "kitchen",
    title: "Kitchen",
    instructions: "Cook.",
    tools,
    resources: []
  })

  it("lists its tools with both schemas and what they do to the world", async () => {
    const served = await serveDesk(definition([stove]))
    const { tools } = await served.client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(["heat", "health_check"])
    expect(tools[0]).toMatchObject({
      title: "Heat",
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
      inputSchema: { required: ["to_celsius"], additionalProperties: false },
      outputSchema: { required: ["now_celsius", "served_to"] }
    })
    await served.close()
  })

  it("names the nearest tool of one it does not have", async () => {
    const served = await serveDesk(definition([stove]))
    await expect(served.call("heet")).rejects.toThrow('no tool "heet" in kitchen; did you mean heat?')
    await served.close()
  })

  it("interrupts a call that its client cancels, and goes on serving", async () => {
    const started = Effect.runSync(Deferred.make<void>())
    const interrupted = Effect.runSync(Deferred.make<void>())
    const sleeper = tool({
      name: "sleep",
      title: "Sleep",
      description: "Sleeps.",
      annotations: { readOnly: true },
      input: Schema.Struct({}),
      output: Schema.Struct({}),
      next: {},
      handle: () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
        ),
      text: () => ""
    })
    const served = await serveDesk(definition([sleeper, stove]))
    const abort = new AbortController()
    const sleeping = served.client.callTool({ name: "sleep", arguments: {} }, undefined, {
      signal: abort.signal
    })
    await Effect.runPromise(Deferred.await(started))
    abort.abort()
    await expect(sleeping).rejects.toThrow()
    await Effect.runPromise(Deferred.await(interrupted))
    expect((await served.call("heat", { to_celsius: 20 })).value).toEqual({ now_celsius: 20, served_to: [] })
    await served.close()
  })

  it("tells how far a long call is to a client that wants to know", async () => {
    const slow = tool({
      name: "bake",
      title: "Bake",
      description: "Bakes.",
      annotations: { readOnly: true },
      input: Schema.Struct({}),
      output: Schema.Struct({ done: Schema.Boolean }),
      next: {},
      handle: (_, { progress }) =>
        Effect.as(Effect.andThen(progress(1, 2, "half"), progress(2, 2, "done")), { done: true }),
      text: () => "done"
    })
    const served = await serveDesk(definition([slow]))
    const heard: Array<unknown> = []
    await served.client.callTool({ name: "bake", arguments: {} }, undefined, {
      onprogress: (progress) => heard.push(progress)
    })
    expect(heard).toMatchObject([
      { progress: 1, total: 2, message: "half" },
      { progress: 2, total: 2, message: "done" }
    ])
    await served.close()
  })

  it("keeps a defect in the desk's crash log, and tells a line of it", async () => {
    const served = await serveDesk(definition([stove]))
    await served.call("health_check")
    const answer = await served.call("heat", { to_celsius: -300 })
    expect(answer.text).toContain("this is a bug in plimsoll: Error: colder than cold")
    expect(answer.text).not.toContain("Kit.test")
    expect(readFileSync(join(served.folder, ".plimsoll/crash.log"), "utf8")).toContain("Kit.test")
    await served.close()
  })

  it("opens a desk where there was none, and says in its health how its calls went", async () => {
    const served = await serveDesk(definition([stove]))
    await served.call("heat", { to_celsius: 500 })
    const health = await served.call("health_check")
    expect(health.value).toMatchObject({
      server: "kitchen",
      status: "ok",
      problem: null,
      trading_mode: "paper"
    })
    const calls = health.value["calls"]
    expect(Array.isArray(calls) ? calls.find((one) => one.tool === "heat") : undefined).toMatchObject({
      tool: "heat"
    })
    await served.close()
  })

  it("answers although its desk cannot be opened: each tool and its health say why", async () => {
    const looking = tool({
      name: "look",
      title: "Look",
      description: "Looks.",
      annotations: { readOnly: true },
      input: Schema.Struct({}),
      output: Schema.Struct({}),
      next: {},
      handle: () => Effect.succeed({}),
      text: () => ""
    })
    const served = await serveDesk(definition([looking]), { config: "{ nonsense" })
    const answer = await served.call("look")
    expect(answer.isError).toBe(true)
    expect(answer.text).toContain("DeskUnavailable: plimsoll.json")
    expect(answer.text).toContain("Next: health_check")
    expect((await served.call("health_check")).value).toMatchObject({ status: "failing" })
    await served.close()
  })
})
