import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { strToU8, zipSync } from "fflate"
import { csvsOf, onlyCsvOf } from "../../../src/market/lean/ZipFile.ts"
import { zipOf, zipOfMany } from "./Zip.ts"

const text = Array.from({ length: 300 }, (_, i) => `20200102 00:00,${i},2,1,2,${i * 7}`).join("\n")
const whole = zipOf("spy.csv", text)

/** A zip as .NET writes a seekable one: sizes only in the 64-bit extra field, no 64-bit end record. */
const withWideSizes = (bytes: Uint8Array): Uint8Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.length - 22
  const entry = view.getUint32(end + 16, true)
  const nameEnd = entry + 46 + view.getUint16(entry + 28, true)
  const out = new Uint8Array(bytes.length + 20)
  out.set(bytes.subarray(0, nameEnd))
  out.set(bytes.subarray(nameEnd), nameEnd + 20)
  const wide = new DataView(out.buffer)
  wide.setUint16(nameEnd, 1, true)
  wide.setUint16(nameEnd + 2, 16, true)
  wide.setUint32(nameEnd + 4, view.getUint32(entry + 24, true), true)
  wide.setUint32(nameEnd + 12, view.getUint32(entry + 20, true), true)
  wide.setUint32(entry + 20, 0xffffffff, true)
  wide.setUint32(entry + 24, 0xffffffff, true)
  wide.setUint16(entry + 30, 20, true)
  wide.setUint32(out.length - 22 + 12, view.getUint32(end + 12, true) + 20, true)
  return out
}

const textOf = (bytes: Uint8Array): string =>
  Result.match(onlyCsvOf(bytes), {
    onFailure: (problem) => `failed: ${problem}`,
    onSuccess: (entry) => new TextDecoder().decode(entry.bytes)
  })

describe("ZipFile", () => {
  it("gives the only CSV of a zip", () => {
    expect(Result.getOrThrow(onlyCsvOf(whole)).name).toBe("spy.csv")
    expect(textOf(whole)).toBe(text)
  })

  it("reads a stored entry as well as a deflated one", () => {
    expect(textOf(zipSync({ "spy.csv": [strToU8(text), { level: 0 }] }))).toBe(text)
  })

  it("reads sizes from the 64-bit extra field, as LEAN's zips have them", () => {
    expect(textOf(withWideSizes(whole))).toBe(text)
  })

  it("refuses a zip cut off at any byte", () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(textOf(whole.subarray(0, length))).toMatch(/^failed: /u)
    }
  })

  it("refuses a zip without a CSV, and one with two", () => {
    expect(textOf(zipOf("readme.txt", text))).toBe("failed: it holds 0 CSV files where LEAN packs one")
    expect(textOf(zipSync({ "a.csv": strToU8("1"), "b.csv": strToU8("2") }))).toBe(
      "failed: it holds 2 CSV files where LEAN packs one"
    )
  })

  it("gives each of many CSVs, in order, and only those that are read are unpacked", () => {
    const names = Array.from({ length: 300 }, (_, i) => `aapl_quote_american_call_${i}_20140613.csv`)
    const bytes = zipOfMany(Object.fromEntries(names.map((name, i) => [name, `20140606 00:00,${i}`])))
    // A byte of the last one's own bytes is changed: the others are none the worse.
    const local = bytes.length - 22 - names.reduce((sum, name) => sum + 46 + name.length, 0)
    bytes[local - 3] = (bytes[local - 3] ?? 0) ^ 0xff
    const members = Result.getOrThrow(csvsOf(bytes))
    expect(members.map(({ name }) => name)).toEqual(names)
    members.slice(0, -1).forEach((member, i) => {
      expect(new TextDecoder().decode(Result.getOrThrow(member.read()))).toBe(`20140606 00:00,${i}`)
    })
    expect(members.at(-1)?.read()).toMatchObject({ _tag: "Failure" })
  })

  it("says that a text file is no zip", () => {
    expect(textOf(strToU8("20200102 00:00,1,2,1,2,5\n".repeat(9)))).toContain("is not a zip")
  })

  const position = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: whole.length - 1 })))
  const byte = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 255 })))

  it.prop(
    "a changed byte is refused or changes no price",
    { position, byte },
    ({ byte: change, position: at }) => {
      const mangled = Uint8Array.from(whole)
      mangled[at] = (mangled[at] ?? 0) ^ change
      const read = textOf(mangled)
      expect(read === text || read.startsWith("failed: ")).toBe(true)
    }
  )
})
