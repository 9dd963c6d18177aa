/** `plimsoll/strategy`, as the author of a strategy meets it. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildIfStale } from "../e2e/Program.ts"

const root = resolve(import.meta.dirname, "../..")
const project = mkdtempSync(join(tmpdir(), "plimsoll-strategy-library-"))

/** A project of its own that has the package installed, and nothing else of this checkout. */
beforeAll(() => {
  buildIfStale()
  mkdirSync(join(project, "node_modules"))
  symlinkSync(root, join(project, "node_modules/plimsoll"))
  writeFileSync(join(project, "package.json"), `{ "type": "module" }`)
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { strict: true, module: "nodenext", target: "es2023", noEmit: true, types: [] },
      files: ["strategy.ts"]
    })
  )
}, 300_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

const strategy = `
import { defineStrategy, pricePerShare, shares, sma, whole } from "plimsoll/strategy"

const definition = defineStrategy({
  name: "mine",
  title: "Mine",
  summary: "A strategy.",
  instruments: { least: 1, most: 1 },
  parameters: { days: whole({ default: 5, minimum: 2, maximum: 9, meaning: "days" }) },
  make: ({ days }) => {
    const mean = sma(days)
    return {
      indicators: [mean],
      onBar: (context) =>
        context.instruments.flatMap(({ id }) =>
          context.valueOf(mean, id) === undefined
            ? []
            : [{ instrumentId: id, quantity: shares(days), reason: "held" }]
        ),
      onFill: ({ instrumentId, quantity }) => [
        {
          _tag: "Order",
          order: {
            instrumentId,
            side: "SELL",
            type: { _tag: "StopMarket", stopPrice: pricePerShare(1.5) },
            size: { _tag: "Quantity", quantity },
            timeInForce: "GTC"
          },
          reason: "stop"
        }
      ]
    }
  }
})
export default definition
`
const ending = `
const bound = definition.bind({ days: 3 })
declare const console: { readonly log: (...values: ReadonlyArray<unknown>) => void }
if (bound._tag === "Success") console.log(bound.success.name, bound.success.parameters["days"], bound.success.indicators?.[0]?.name)
`

const write = (text: string): void => writeFileSync(join(project, "strategy.ts"), text)

const compile = () =>
  spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
    encoding: "utf8"
  })

describe("plimsoll/strategy in a project of its own", () => {
  it("compiles against its declarations, and runs without anything else", () => {
    write(strategy + ending)
    expect(compile()).toMatchObject({ status: 0, stdout: "" })
    const ran = spawnSync(process.execPath, [join(project, "strategy.ts")], { encoding: "utf8" })
    expect(ran.stdout).toBe("mine 3 SMA(3)\n")
  })

  it("does not compile with a parameter or an answer that is none", () => {
    write(strategy.replace("({ days }) =>", "({ weeks: days }) =>"))
    expect(compile().stdout).toContain("weeks")
    write(strategy.replace("quantity: shares(days)", "quantity: days"))
    expect(compile().stdout).toContain("quantity: number")
  })
})
