import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import {
  accountDefinitions,
  portfolioDefinition,
  tradeDefinitions
} from "../../../src/backtest/report/LeanDefinitions.ts"

/** The names in the tables of the page on statistics. */
const documented = readFileSync(new URL("../../../docs/statistics.md", import.meta.url), "utf8")

/** Of each row of the tables with this head, the cell of a column. */
const columnOf = (head: string, column: number): ReadonlyArray<string> =>
  documented
    .split("\n\n")
    .filter((block) => new RegExp(head, "u").test(block.split("\n")[0] ?? ""))
    .flatMap((block) => block.split("\n").slice(2))
    .map((row) => row.split("|")[column + 1]?.trim() ?? "")

const quoted = (cell: string): ReadonlyArray<string> =>
  [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name)

describe("definitions", () => {
  it("are there for every name of statistics that is documented", () => {
    const names = columnOf("^\\| `statistics`", 0)
      .flatMap((cell) => cell.split(", "))
      .filter((name) => /^[A-Z]/u.test(name))
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !accountDefinitions.has(name))).toEqual([])
  })

  it("are there for every name of portfolioStatistics", () => {
    const names = columnOf("^\\| `statistics`", 1).flatMap(quoted)
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => portfolioDefinition(name) === undefined)).toEqual([])
  })

  it("are there for every name of tradeStatistics, and for no other", () => {
    const names = columnOf("^\\| name +\\| formula +\\|$", 0).flatMap(quoted)
    expect(names.toSorted()).toEqual([...tradeDefinitions.keys()].toSorted())
  })
})
