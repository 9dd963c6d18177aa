/**
 * The script of pages with tables that sort and filter. Plain JavaScript in a
 * text, because the page carries it as it stands and names its hash in its
 * content security policy. Without it the tables are as they were written.
 */

/**
 * What sorts and filters, without a document: `keyOf` reads a cell (numbers as
 * numbers, whatever is written around them; nothing for a dash), `orderOf`
 * gives the places of cells in order, equal ones as they stood and empty ones
 * last, `matches` is true of a row whose text has every word of the query.
 */
export const tableFunctions = `
const keyOf = (text) => {
  const plain = text.trim().replace(/\\u2212/g, "-")
  if (plain === "" || plain === "\\u2013") return undefined
  const number = Number(plain.replace(/[$,%+\\u00d7]/g, ""))
  return Number.isNaN(number) ? plain : number
}
const compare = (a, b) => {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
const orderOf = (texts, descending) => {
  const keys = texts.map(keyOf)
  const sign = descending ? -1 : 1
  return [...keys.keys()].sort((i, j) => {
    const [a, b] = [keys[i], keys[j]]
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined) || i - j
    return sign * compare(a, b) || i - j
  })
}
const matches = (text, query) => {
  const line = text.toLowerCase()
  return query.toLowerCase().split(/\\s+/).every((word) => line.includes(word))
}
`

/** Heads of sortable tables become buttons, and fields for filters show. */
const wiring = `
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0]
  const heads = [...table.tHead.rows[0].cells]
  heads.forEach((head, column) => {
    const button = document.createElement("button")
    button.type = "button"
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending"
      for (const other of heads) other.removeAttribute("aria-sort")
      head.setAttribute("aria-sort", descending ? "descending" : "ascending")
      const rows = [...body.rows]
      const texts = rows.map((row) => row.cells[column].textContent)
      body.append(...orderOf(texts, descending).map((i) => rows[i]))
    })
  })
}
for (const tools of document.querySelectorAll(".tools")) {
  const rows = [...document.getElementById(tools.dataset.for).tBodies[0].rows]
  const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join(" "))
  const field = tools.querySelector("input")
  const told = tools.querySelector("output")
  tools.hidden = false
  field.addEventListener("input", () => {
    let shown = 0
    rows.forEach((row, i) => {
      row.hidden = !matches(texts[i], field.value.trim())
      if (!row.hidden) shown++
    })
    told.textContent = shown === rows.length ? "" : shown + " of " + rows.length + " rows"
  })
}
`

export const tableScript = `(() => {
"use strict"
${tableFunctions.trim()}
${wiring.trim()}
})()`
