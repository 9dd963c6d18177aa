/** Reads the pages that the report's templates write; strict where a browser would forgive. */

/** Every tag, in order. */
export const tagsOf = (page: string): ReadonlyArray<string> =>
  [...page.replace(/<!doctype html>/u, "").matchAll(/<[^>]*>/gu)].map(([tag]) => tag)

const voids = new Set(["meta", "br"])

/** The first tag that does not close what was opened last; undefined when all are in order. */
export const firstUnbalanced = (page: string): string | undefined => {
  const open: Array<string> = []
  for (const tag of tagsOf(page)) {
    const name = /^<\/?([a-z1-6]+)/u.exec(tag)?.[1] ?? tag
    if (voids.has(name) || tag.endsWith("/>")) continue
    if (!tag.startsWith("</")) open.push(name)
    else if (open.pop() !== name) return tag
  }
  return open.at(-1)
}

/** Markup as a reader sees it. */
export const textOf = (markup: string): string =>
  markup
    .replace(/<[^>]*>/gu, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .trim()

const rowsIn = (markup: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...markup.matchAll(/<tr[\s>][\s\S]*?<\/tr>/gu)].map(([row]) =>
    [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/gu)].map(([, cell = ""]) => cell)
  )

/** The cells of a table's body by its id, as markup. */
export const cellsOf = (page: string, id: string): ReadonlyArray<ReadonlyArray<string>> => {
  const table = new RegExp(`<table\\s+id="${id}"[\\s\\S]*?</table>`, "u").exec(page)?.[0] ?? ""
  return rowsIn(/<tbody>([\s\S]*)<\/tbody>/u.exec(table)?.[1] ?? "")
}

/** The cells of a table's body by its id, as text without the small print. */
export const tableOf = (page: string, id: string): ReadonlyArray<ReadonlyArray<string>> =>
  cellsOf(page, id).map((row) => row.map((cell) => textOf(cell.replace(/<small>[\s\S]*?<\/small>/gu, ""))))

/** The drawing that `id` names, for one kind of screen. */
export const drawingOf = (page: string, id: string, screen: "wide" | "narrow"): string =>
  [...page.matchAll(/<svg\s[\s\S]*?<\/svg>/gu)]
    .map(([drawing]) => drawing)
    .find(
      (drawing) => drawing.includes(`aria-labelledby="${id}"`) && drawing.includes(`class="${screen}"`)
    ) ?? ""

export interface Pixel {
  readonly x: number
  readonly y: number
}

/** The points of the line drawn in a colour. */
export const lineOf = (drawing: string, color: string): ReadonlyArray<Pixel> => {
  const path = new RegExp(`<path d="([^"]*)" fill="none" stroke="var\\(--${color}\\)"`, "u").exec(
    drawing
  )?.[1]
  return [...(path ?? "").matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/gu)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y)
  }))
}
