import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Person } from "../../../src/programs/cli/Person.ts"

const shown: Array<string> = []

const terminal = (answer: Option.Option<string>, isTerminal = true) =>
  Person.layerOf({
    isTerminal,
    show: (text) => void shown.push(text),
    ask: () => Effect.succeed(answer),
    newCode: () => "K7M2QX"
  })

const proves = Person.use((person) => person.proves("Resuming trading", "Trading stays as it is."))

describe("a person", () => {
  it.effect("is who types back the code, in any case of letters", () =>
    Effect.gen(function* () {
      expect(yield* proves).toEqual({ kind: "person", name: "cli" })
      expect(shown.at(-1)).toContain("K7M2QX")
    }).pipe(Effect.provide(terminal(Option.some(" k7m2qx "))))
  )

  it.effect("is not who types something else", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(proves)
      expect(error.message).toBe('"yes" is not the code. Trading stays as it is.')
    }).pipe(Effect.provide(terminal(Option.some("yes"))))
  )

  it.effect("is not an input that ends", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(proves)).message).toContain("no code was typed")
    }).pipe(Effect.provide(terminal(Option.none())))
  )

  it.effect("is not where there is no terminal: no code is shown, and a program acts as a program", () =>
    Effect.gen(function* () {
      const before = shown.length
      const error = yield* Effect.flip(proves)
      expect(error.message).toContain("needs a terminal")
      expect(shown).toHaveLength(before)
      expect((yield* Person).actor.kind).toBe("agent")
    }).pipe(Effect.provide(terminal(Option.some("K7M2QX"), false)))
  )

  it.effect.each([
    ["y", true],
    ["Yes", true],
    ["", false],
    ["no", false],
    ["yep", false]
  ] as const)("confirms by y or yes alone: %s", ([answer, confirmed]) =>
    Effect.gen(function* () {
      expect(yield* (yield* Person).confirms("Send it?")).toBe(confirmed)
    }).pipe(Effect.provide(terminal(Option.some(answer))))
  )
})
