/**
 * The report's colours, light and dark.
 *
 * Series are from Okabe and Ito's set for colour-blind readers ("Color
 * Universal Design", 2008), darkened for light paper and lightened for dark;
 * returns go from orange over paper to blue. Contrast with what lies behind is
 * tested: 4.5 for text, 3 for lines (WCAG 2.2, 1.4.3 and 1.4.11).
 */

export const colorNames = [
  "paper",
  "panel",
  "ink",
  "muted",
  "rule",
  "grid",
  "axis",
  "notice",
  "notice-rule",
  "limit",
  "bench",
  "s0",
  "s1",
  "s2",
  "s3",
  // Returns: the background of each step, and the text on it.
  "n3",
  "n2",
  "n1",
  "z0",
  "p1",
  "p2",
  "p3",
  "n3-ink",
  "n2-ink",
  "n1-ink",
  "z0-ink",
  "p1-ink",
  "p2-ink",
  "p3-ink"
] as const
export type ColorName = (typeof colorNames)[number]

export type Palette = { readonly [Name in ColorName]: `#${string}` }

export const lightPalette: Palette = {
  paper: "#ffffff",
  panel: "#f5f6f7",
  ink: "#16191d",
  muted: "#5a626c",
  rule: "#d9dde1",
  grid: "#e9ebee",
  axis: "#9aa2ab",
  notice: "#fdf6e3",
  "notice-rule": "#c58a00",
  limit: "#a3123a",
  bench: "#7b838c",
  s0: "#0067a8",
  s1: "#b84a00",
  s2: "#007a5a",
  s3: "#9c4a7c",
  n3: "#b84a00",
  n2: "#f2b48a",
  n1: "#fbe4d5",
  z0: "#ffffff",
  p1: "#dcebf7",
  p2: "#a3cbea",
  p3: "#0067a8",
  "n3-ink": "#ffffff",
  "n2-ink": "#16191d",
  "n1-ink": "#16191d",
  "z0-ink": "#16191d",
  "p1-ink": "#16191d",
  "p2-ink": "#16191d",
  "p3-ink": "#ffffff"
}

export const darkPalette: Palette = {
  paper: "#14171a",
  panel: "#1c2024",
  ink: "#e8eaed",
  muted: "#a2abb5",
  rule: "#33393f",
  grid: "#262b30",
  axis: "#5f6871",
  notice: "#29230f",
  "notice-rule": "#d9a521",
  limit: "#ff7d9c",
  bench: "#939ca6",
  s0: "#5fb3f0",
  s1: "#f29a55",
  s2: "#3fc79a",
  s3: "#dc94c0",
  n3: "#f29a55",
  n2: "#84461a",
  n1: "#412817",
  z0: "#14171a",
  p1: "#152f44",
  p2: "#1d5885",
  p3: "#5fb3f0",
  "n3-ink": "#14171a",
  "n2-ink": "#ffffff",
  "n1-ink": "#e8eaed",
  "z0-ink": "#e8eaed",
  "p1-ink": "#e8eaed",
  "p2-ink": "#ffffff",
  "p3-ink": "#14171a"
}

const SERIES = 4

/** The colour of the book at this place in the report; after four they come again, dashed. */
export const bookColor = (index: number): ColorName => {
  const names = ["s0", "s1", "s2", "s3"] as const
  return names[index % SERIES] ?? "s0"
}

const dashes: ReadonlyArray<ReadonlyArray<number>> = [[], [6, 3], [2, 2]]

/** The dash pattern, in pixels, of the book at this place; empty is a solid line. */
export const bookDash = (index: number): ReadonlyArray<number> =>
  dashes[Math.floor(index / SERIES) % dashes.length] ?? []

/** Bounds of the steps of a month's return, as ratios. */
export const returnSteps = [0.005, 0.03, 0.06] as const

/** The step of a month's return. */
export const returnColor = (ratio: number): "n3" | "n2" | "n1" | "z0" | "p1" | "p2" | "p3" => {
  const size = Math.abs(ratio)
  if (size < returnSteps[0]) return "z0"
  if (size < returnSteps[1]) return ratio < 0 ? "n1" : "p1"
  if (size < returnSteps[2]) return ratio < 0 ? "n2" : "p2"
  return ratio < 0 ? "n3" : "p3"
}
