import { NodeServices } from "@effect/platform-node"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { readReturns, returnsOfFile } from "../../../../src/programs/backtest/robustness/ReturnsFile.ts"

const series = (text: string) => {
  const read = readReturns("r.csv", text)
  if (Result.isFailure(read)) throw read.failure
  return read.success.map(({ dates, name, returns }) => ({ name, returns: [...returns], dates }))
}

const problem = (text: string): string => {
  const read = readReturns("r.csv", text)
  if (Result.isSuccess(read)) throw new Error("expected a refusal")
  return read.failure.message
}

describe("a file of returns", () => {
  it("is one return a line, or a table with names and dates", () => {
    const one = [{ name: "r.csv", returns: [0.1, -0.05, 2e-2], dates: undefined }]
    expect(series("0.1\n-0.05\n2e-2\n")).toEqual(one)
    expect(series("\uFEFF0.1\r\n-0.05\r\n\r\n.02")).toEqual(one)
    expect(series("returns\n0.1\n")).toEqual([{ name: "returns", returns: [0.1], dates: undefined }])
    expect(series("Date;a;b\n2020-01-02;0.1;0.2\n2020-01-03 00:00;0;-1\n")).toEqual([
      { name: "a", returns: [0.1, 0], dates: ["2020-01-02", "2020-01-03"] },
      { name: "b", returns: [0.2, -1], dates: ["2020-01-02", "2020-01-03"] }
    ])
    // As pandas writes a series, with and without its header.
    expect(series(",0\n2020-01-02,0.1\n")).toEqual([{ name: "0", returns: [0.1], dates: ["2020-01-02"] }])
    expect(series("2020-01-02,0.1\n")).toEqual([{ name: "r.csv", returns: [0.1], dates: ["2020-01-02"] }])
    expect(series("0.1,0.2\n0.3,0.4\n").map(({ name }) => name)).toEqual(["column 1", "column 2"])
  })

  it("that cannot be taken is refused with line, column and what was expected", () => {
    expect(problem("")).toMatch(/^r\.csv: there are no returns; expected one return a line/u)
    expect(problem("return\n")).toMatch(/there are no returns/u)
    expect(problem("return\n0.1\nNaN\n")).toMatch(
      /^r\.csv line 3, column "return": expected a return .* not "NaN"/u
    )
    expect(problem("NaN\n0.1\n-0.1\n")).toMatch(/^r\.csv line 1, .* not "NaN"/u)
    expect(problem("2020-01-02,inf\n2020-01-03,0.1\n")).toMatch(/^r\.csv line 1, .* not "inf"/u)
    expect(problem("0.1\n1.2%\n")).toMatch(/line 2.*0\.01 for 1%, not "1\.2%"/u)
    expect(problem("0.1\n-1.5\n")).toMatch(/line 2.*loses more than everything/u)
    expect(problem("a,a\n0.1,0.2\n")).toMatch(/column "a": two columns have this name/u)
    expect(problem("a,b\n0.1\n")).toMatch(/cannot be taken apart/u)
    expect(problem("date,a\n2020-01-03,0.1\n2020-01-02,0.1\n")).toMatch(
      /line 3: 2020-01-02 comes after 2020-01-03/u
    )
    expect(problem("date,a\nsoon,0.1\n")).toMatch(/line 2: "soon" is no date YYYY-MM-DD/u)
    expect(problem("1e999\n")).toMatch(/no finite number/u)
  })

  it("that is not there, or is a folder, is told", async () => {
    const failure = (file: string) =>
      Effect.runPromise(
        returnsOfFile(file, import.meta.dirname).pipe(Effect.flip, Effect.provide(NodeServices.layer))
      )
    expect((await failure("none.csv")).message).toBe("none.csv cannot be read: there is no such file")
    expect((await failure(".")).message).toBe(". cannot be read: it is a folder")
  })
})
