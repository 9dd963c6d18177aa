/** Whatever stands in a file, reading it gives what is right or says in words what is wrong. */
import { describe, expect, it } from "@effect/vitest"
import { formatCases } from "./Corpus.ts"
import { byteFormats, problemsOf, textFormats } from "./Formats.ts"
import { fuzz } from "./Fuzz.ts"

const SEED = 20_261_125
const CASES = 400

describe("a file that once was read wrongly", () => {
  it.each(formatCases.map((one) => [one.was, one] as const))(
    "is read rightly: %s",
    (_was, { format, text }) => {
      const ofText = textFormats.find(({ name }) => name === format)
      const ofBytes = byteFormats.find(({ name }) => name === format)
      expect(ofText ?? ofBytes).toBeDefined()
      expect(ofText === undefined ? [] : problemsOf(ofText, text)).toEqual([])
      expect(ofBytes === undefined ? [] : problemsOf(ofBytes, new TextEncoder().encode(text))).toEqual([])
    }
  )
})

describe("a file made bad", () => {
  it.each(textFormats.map((format) => [format.name, format] as const))(
    "is read or refused in words: %s",
    async (name, format) => {
      const { failure } = await fuzz({
        name,
        cases: format.files,
        count: CASES,
        seed: SEED,
        problems: (file) => problemsOf(format, file)
      })
      expect(failure).toBeUndefined()
    }
  )

  it.each(byteFormats.map((format) => [format.name, format] as const))(
    "is read or refused in words: %s",
    async (name, format) => {
      const { failure } = await fuzz({
        name,
        cases: format.files,
        count: CASES,
        seed: SEED,
        problems: (file) => problemsOf(format, file)
      })
      expect(failure).toBeUndefined()
    }
  )
})
