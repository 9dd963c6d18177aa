import { createContext, runInContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { tableFunctions, tableScript } from "../../../src/backtest/report/TableScript.ts"

const functions = createContext({})
runInContext(tableFunctions, functions)

/** What the script's own function gives, as JSON. */
const call = (name: string, ...values: ReadonlyArray<unknown>): unknown => {
  const text: unknown = runInContext(
    `JSON.stringify(${name}(${values.map((value) => JSON.stringify(value)).join(", ")}))`,
    functions
  )
  return typeof text === "string" ? JSON.parse(text) : undefined
}

const sorted = (texts: ReadonlyArray<string>, descending = false): ReadonlyArray<unknown> =>
  Schema.decodeUnknownSync(Schema.Array(Schema.Int))(call("orderOf", texts, descending)).map((i) => texts[i])

describe("the order of cells", () => {
  it("is by the number that is written, whatever is around it", () => {
    expect(sorted(["$1,234.50", "−$12.00", "+3.20%", "12×", "0"])).toEqual([
      "−$12.00",
      "0",
      "+3.20%",
      "12×",
      "$1,234.50"
    ])
  })

  it("is that of texts otherwise, numbers before texts, and what is empty last in both directions", () => {
    expect(sorted(["2008-10-01", "–", "1999-01-04", ""])).toEqual(["1999-01-04", "2008-10-01", "–", ""])
    expect(sorted(["–", "2", "b", "10", "a"], true)).toEqual(["b", "a", "10", "2", "–"])
  })

  it("leaves equal cells as they stood, in both directions", () => {
    expect(call("orderOf", ["1", "1.0", "0", "1"], false)).toEqual([2, 0, 1, 3])
    expect(call("orderOf", ["1", "1.0", "0", "1"], true)).toEqual([0, 1, 3, 2])
  })

  it.prop("is that of the numbers, for any numbers", [Schema.Array(Schema.Int)], ([numbers]) => {
    const texts = numbers.map((n) => `${n < 0 ? "−" : ""}$${Math.abs(n).toLocaleString("en-US")}`)
    const order = Schema.decodeUnknownSync(Schema.Array(Schema.Int))(call("orderOf", texts, false))
    expect(order.map((i) => numbers[i])).toEqual(numbers.toSorted((a, b) => a - b))
  })
})

describe("the filter", () => {
  it.each([
    ["", true],
    ["spy", true],
    ["SPY long", true],
    ["2008 long", true],
    ["spy short", false]
  ])("%j of a line of SPY, long, 2008: %s", (query, expected) => {
    expect(call("matches", "12 SPY long 2008-10-01", query)).toBe(expected)
  })
})

/** As much of a document as the script asks for. */
class Element {
  readonly children: Array<Element> = []
  readonly attributes = new Map<string, string>()
  readonly listeners = new Map<string, () => void>()
  dataset: Readonly<Record<string, string>> = {}
  hidden = false
  value = ""
  type = ""
  text: string
  constructor(text = "", children: ReadonlyArray<Element> = []) {
    this.text = text
    this.children.push(...children)
  }
  get textContent(): string {
    return this.text + this.children.map(({ textContent }) => textContent).join("")
  }
  set textContent(text: string) {
    this.text = text
    this.children.length = 0
  }
  get childNodes(): ReadonlyArray<Element> {
    const text = new Element(this.text)
    this.text = ""
    return [text, ...this.children.splice(0)]
  }
  get rows(): ReadonlyArray<Element> {
    return [...this.children]
  }
  get cells(): ReadonlyArray<Element> {
    return [...this.children]
  }
  append(...children: ReadonlyArray<Element>): void {
    for (const child of children) {
      const at = this.children.indexOf(child)
      if (at !== -1) this.children.splice(at, 1)
      this.children.push(child)
    }
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value)
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name)
  }
  addEventListener(kind: string, listener: () => void): void {
    this.listeners.set(kind, listener)
  }
}

const rowOf = (...texts: ReadonlyArray<string>): Element =>
  new Element(
    "",
    texts.map((text) => new Element(text))
  )

const page = () => {
  const head = rowOf("Symbol", "Profit")
  const body = new Element("", [rowOf("SPY", "$2"), rowOf("AAPL", "−$10"), rowOf("SPY", "$1")])
  const table = { tBodies: [body], tHead: { rows: [head] } }
  const field = new Element()
  const told = new Element()
  const tools = Object.assign(new Element(), {
    hidden: true,
    dataset: { for: "trades-table" },
    querySelector: (name: string) => (name === "input" ? field : told)
  })
  const document = {
    querySelectorAll: (selector: string) => (selector === ".tools" ? [tools] : [table]),
    getElementById: (id: string) => (id === "trades-table" ? table : undefined),
    createElement: () => new Element()
  }
  runInContext(tableScript, createContext({ document }))
  const click = (column: number): void => head.cells[column]?.children[0]?.listeners.get("click")?.()
  const type = (text: string): void => {
    field.value = text
    field.listeners.get("input")?.()
  }
  const shown = () =>
    body.rows.filter(({ hidden }) => !hidden).map(({ cells }) => cells.map((cell) => cell.textContent))
  return { click, head, shown, told, tools, type }
}

describe("the script on a page", () => {
  it("makes heads into buttons that keep their words", () => {
    const { head } = page()
    expect(
      head.cells.map(({ children }) => children.map(({ type, textContent }) => [type, textContent]))
    ).toEqual([[["button", "Symbol"]], [["button", "Profit"]]])
  })

  it("sorts by a head, the other way at the second click, and says so to screen readers", () => {
    const { click, head, shown } = page()
    click(1)
    expect(shown().map(([, profit]) => profit)).toEqual(["−$10", "$1", "$2"])
    expect(head.cells.map((cell) => cell.getAttribute("aria-sort"))).toEqual([null, "ascending"])
    click(1)
    expect(shown().map(([, profit]) => profit)).toEqual(["$2", "$1", "−$10"])
    expect(head.cells[1]?.getAttribute("aria-sort")).toBe("descending")
    click(0)
    expect(shown().map(([symbol]) => symbol)).toEqual(["AAPL", "SPY", "SPY"])
    expect(head.cells[1]?.getAttribute("aria-sort")).toBeNull()
  })

  it("shows the field, hides what does not match, counts, and sorts what is left and what is hidden", () => {
    const { click, shown, told, tools, type } = page()
    expect(tools.hidden).toBe(false)
    type("spy")
    expect(shown()).toEqual([
      ["SPY", "$2"],
      ["SPY", "$1"]
    ])
    expect(told.textContent).toBe("2 of 3 rows")
    click(1)
    expect(shown().map(([, profit]) => profit)).toEqual(["$1", "$2"])
    type("")
    expect(shown()).toHaveLength(3)
    expect(told.textContent).toBe("")
  })
})

it("the script cannot end its element early", () => {
  expect(tableScript).not.toMatch(/<\/script|<!--/iu)
})
