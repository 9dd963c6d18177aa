/** What holds of every page of backtests. */
import { createHash } from "node:crypto"
import { expect } from "vitest"
import { darkPalette, lightPalette } from "../../../src/session/report/Palette.ts"
import { firstUnbalanced, tagsOf, textOf } from "../../session/report/Page.ts"

/** The page without its script, whose `<` are no tags. */
export const markupOf = (page: string): string => page.replace(/<script>[\s\S]*?<\/script>/gu, "")

/** Every tag, without the texts of tooltips: what stands in them has no part in the markup. */
export const shapeOf = (page: string): ReadonlyArray<string> =>
  tagsOf(markupOf(page)).map((tag) => tag.replace(/title="[^"]*"/gu, 'title=""'))

/** What a reader sees of the page, in one line. */
export const wordsOf = (page: string): string =>
  textOf(markupOf(page).replace(/<style>[\s\S]*?<\/style>/gu, "")).replace(/\s+/gu, " ")

export const expectSelfContained = (page: string): void => {
  expect(markupOf(page)).not.toMatch(
    /https?:|\bsrc=|<script|url\(|@import|<link|<iframe|javascript:|\son\w+=/iu
  )
  const links = [...page.matchAll(/href="([^"]*)"/gu)].map(([, href]) => href)
  expect(links.every((href) => href?.startsWith("#"))).toBe(true)
}

/** Whatever scripts the page has are those that its policy names by their hash. */
export const expectOnlyNamedScripts = (page: string): void => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(page)?.[1] ?? ""
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe/u)
  const named = [...policy.matchAll(/'sha256-([^']*)'/gu)].map(([, hash]) => hash)
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/gu)].map(([, script = ""]) =>
    createHash("sha256").update(script).digest("base64")
  )
  expect(scripts).toEqual(named)
}

/** Well-formed, named once, headed, described: what a reader with a keyboard or a screen reader goes by. */
export const expectSound = (page: string): void => {
  const markup = markupOf(page)
  expect(firstUnbalanced(markup)).toBeUndefined()
  const ids = [...markup.matchAll(/\sid="([^"]*)"/gu)].map(([, id]) => id)
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  const references = [
    ...markup.matchAll(/(?:href="#|aria-(?:labelledby|describedby)="|for="|data-for=")([^"]*)"/gu)
  ].map(([, id]) => id)
  expect(references.filter((id) => !ids.includes(id))).toEqual([])
  const levels = [...markup.matchAll(/<h([1-6])/gu)].map(([, level]) => Number(level))
  expect(levels.filter((level) => level === 1)).toEqual([1])
  expect(levels.every((level, i) => i === 0 || level <= (levels[i - 1] ?? 0) + 1)).toBe(true)
  for (const [table] of markup.matchAll(/<table[\s\S]*?<\/table>/gu)) {
    const [head = "", body = ""] = table.split("<tbody>")
    const columns = head.match(/<th[\s>]/gu)?.length
    expect(head).not.toMatch(/<th(?! scope="col")[\s>]/u)
    for (const [row] of body.matchAll(/<tr[\s>][\s\S]*?<\/tr>/gu)) {
      expect(row.match(/<th scope="row"/gu)).toHaveLength(1)
      expect(row.match(/<t[hd][\s>]/gu)?.length).toBe(columns)
    }
  }
  for (const drawing of tagsOf(markup).filter(
    (tag) => /^<svg\s/u.test(tag) && !tag.includes("aria-hidden")
  )) {
    expect(drawing).toMatch(/role="img"\s+aria-labelledby="[^"]+"\s+aria-describedby="[^"]+"/u)
  }
}

/** Every colour is the palette's, so that light, dark and paper are one page. */
export const expectPaletteOnly = (page: string): void => {
  for (const [drawing] of page.matchAll(/<svg\s[\s\S]*?<\/svg>/gu)) {
    const colors = [...drawing.matchAll(/(?:fill|stroke)="([^"]*)"/gu)].map(([, color = ""]) => color)
    expect(colors.filter((color) => !/^(?:none|currentColor|var\(--[a-z0-9-]+\))$/u.test(color))).toEqual([])
  }
  const used = new Set([...page.matchAll(/var\(--([a-z0-9-]+)\)/gu)].map(([, name = ""]) => name))
  expect([...used].filter((name) => !(name in lightPalette) || !(name in darkPalette))).toEqual([])
}

/** No coordinate is NaN or Infinity, whatever was drawn. */
export const expectDrawable = (page: string): void => {
  for (const [drawing] of page.matchAll(/<svg\s[\s\S]*?<\/svg>/gu)) {
    expect(drawing).not.toMatch(/NaN|Infinity|undefined/u)
  }
}

export const expectGood = (page: string): void => {
  expectSelfContained(page)
  expectOnlyNamedScripts(page)
  expectSound(page)
  expectPaletteOnly(page)
  expectDrawable(page)
}
