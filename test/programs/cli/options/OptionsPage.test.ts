/** The page of a chain: whole, quiet and the same every time. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import type { CleanChain } from "../../../../src/options/chain/OptionChain.ts"
import { skew } from "../../../../src/options/surface/Skew.ts"
import { fitSurface } from "../../../../src/options/surface/SurfaceFit.ts"
import { termStructure } from "../../../../src/options/surface/TermStructure.ts"
import { optionsPage } from "../../../../src/programs/cli/commands/options/page/OptionsPage.ts"
import { generatedChain } from "./GeneratedChain.ts"

const pageOf = (chain: CleanChain, source = "generated"): string => {
  const surface = Result.getOrThrow(fitSurface(chain))
  return optionsPage({
    chain,
    source,
    surface,
    why: undefined,
    term: termStructure(surface),
    skew: skew(surface),
    comparisons: [{ heading: "Against others:", lines: ["atm of 30 days is high <b>"] }],
    notes: ["generated, not traded"],
    generatedBy: "Plimsoll"
  })
}

const headings = (page: string): ReadonlyArray<string> =>
  [...page.matchAll(/<h2[^>]*>([^<]*)<\/h2>/gu)].map(([, text = ""]) => text)

describe("the page of a chain", () => {
  const chain = generatedChain([7, 30, 91, 182])
  const page = pageOf(chain)

  it("has the surface, a smile an expiry, the term structure, the skew and the quotes", () => {
    expect(headings(page)).toEqual([
      "What to know about these numbers",
      "Volatility surface",
      "Smiles",
      "Term structure",
      "Skew",
      "Quotes and forwards"
    ])
    expect(page.match(/<h3 id="smile-/gu)).toHaveLength(4)
    for (const { expiry } of chain.smiles) expect(page).toContain(expiry)
    expect(page).toContain("What was left out of 240 quotes")
  })

  it("draws a tile of the surface for every four neighbours that have a volatility", () => {
    const [, surface = ""] = page.split("Volatility surface")
    expect((surface.split("Smiles")[0] ?? "").match(/color-mix/gu)?.length).toBeGreaterThan(1000)
    expect(page).not.toMatch(/NaN|undefined|Infinity/u)
  })

  it("needs no network and runs no script", () => {
    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:(?!\/\/www\.w3\.org)/u)
    expect(page).toContain("default-src 'none'")
  })

  it("tells what stands out below the skew, as text", () => {
    expect(page).toContain("Against others:")
    expect(page).toContain("atm of 30 days is high &lt;b&gt;")
    expect(page).toContain("call less put at 25 deltas")
  })

  it("is the same for the same analysis", () => {
    expect(pageOf(chain)).toBe(page)
  })

  it("shows a user's text as text", () => {
    expect(pageOf(chain, `<img src=x onerror="1">`)).toContain("&lt;img src=x onerror=&quot;1&quot;&gt;")
  })

  it("of one expiry has its smile and skew, no surface to draw and no term structure", () => {
    const one = pageOf(generatedChain([30]))
    expect(headings(one)).toEqual([
      "What to know about these numbers",
      "Volatility surface",
      "Smiles",
      "Skew",
      "Quotes and forwards"
    ])
    expect(one).toContain("One expiry: there is no surface to draw.")
  })

  it("of too few quotes says why there is no surface", () => {
    const empty = optionsPage({
      chain: generatedChain([]),
      source: "generated",
      surface: undefined,
      why: "GEN: no expiry has 5 usable strikes",
      term: undefined,
      skew: undefined,
      comparisons: [],
      notes: [],
      generatedBy: "Plimsoll"
    })
    expect(empty).toContain("GEN: no expiry has 5 usable strikes")
    expect(headings(empty)).toEqual(["What to know about these numbers", "Quotes and forwards"])
  })

  it("draws twelve of more smiles, and says so", () => {
    const many = pageOf(generatedChain(Array.from({ length: 20 }, (_, i) => 7 + 14 * i)))
    expect(many.match(/<h3 id="smile-/gu)).toHaveLength(12)
    expect(many).toContain("12 of 20 expiries are drawn")
  })
})
