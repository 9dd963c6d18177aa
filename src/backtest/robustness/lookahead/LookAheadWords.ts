/** What the look-ahead detector found, in words that every answer has. */
import type { Untold } from "./Detect.ts"
import type { FindingKind } from "./Findings.ts"

export const kindWords: Readonly<Record<FindingKind, string>> = {
  future: "changed with the future",
  "inside-bar": "decided on modelled prices inside its bar",
  "same-bar": "filled on its own bar",
  "known-price": "filled at a known price",
  unrepeatable: "not the same twice"
}

/** Why nothing is told. */
export const untoldWords: Readonly<Record<Untold, string>> = {
  "nothing-done": "It did nothing.",
  unmoved: "Nor did anything after a cut: it always wants the same, or reads its prices elsewhere.",
  failed: "It failed on too many of the changed prices."
}
