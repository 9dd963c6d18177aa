/** Commands that are printed to be copied: one argument stays one word. */
import { execFileSync } from "node:child_process"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { partsOf, quoted } from "../../src/session/ShellWord.ts"

const argument = fc.string({ maxLength: 12 }).filter((text) => !text.includes("\0"))

it("a shell takes what is quoted for the argument it was", () => {
  const all = fc.sample(fc.array(argument, { minLength: 1, maxLength: 6 }), { numRuns: 40, seed: 7 })
  for (const words of all) {
    const script = `for one in ${words.map(quoted).join(" ")}; do printf '%s\\0' "$one"; done`
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1)).toEqual(words)
  }
})

it("parts joined are the command, and an option has the argument that it was given", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("--param", "--from"), argument), { maxLength: 6 }),
      (options) => {
        const typed = options.map(([name, value]) => `${name} ${quoted(`x=${value}`)}`)
        const command = ["backtest run it", ...typed, "--json"].join(" ")
        const parts = partsOf(command)
        expect(parts.map(({ text }) => text).join(" ")).toBe(command)
        expect(parts.slice(3).map(({ name, value }) => [name, value])).toEqual([
          ...options.map(([name, value]) => [name, quoted(`x=${value}`)]),
          ["--json", undefined]
        ])
      }
    )
  )
})
