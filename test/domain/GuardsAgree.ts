/** A guard held against the schema it stands in for: on values of that shape, and on the same ones spoilt. */
import { Schema } from "effect"
import type { Guard } from "../../src/domain/Guard.ts"
import { numbers } from "../support/Numbers.ts"

/** What a field may turn into. */
const junk: ReadonlyArray<unknown> = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  1e300,
  9_007_199_254_740_992,
  999_999_999_999_999,
  "",
  "x",
  "BUY",
  "Market",
  "2004-02-31",
  "q-0123456789abcdef",
  {},
  [],
  [null],
  { _tag: "Market" },
  { _tag: "constructor" }
]

type Json = Readonly<Record<string, unknown>> | ReadonlyArray<unknown>

const isContainer = (value: unknown): value is Json => typeof value === "object" && value !== null

/** Every place in a value, as the keys that lead there. */
const placesIn = (value: unknown): ReadonlyArray<ReadonlyArray<string>> => [
  [],
  ...(isContainer(value)
    ? Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((rest) => [key, ...rest]))
    : [])
]

/** The value with what is at a place put in place of it, or taken out. */
const changedAt = (value: unknown, [key, ...rest]: ReadonlyArray<string>, put: unknown): unknown => {
  if (key === undefined) return put
  if (!isContainer(value)) return value
  if (Array.isArray(value)) {
    return value.map((item, index) => (String(index) === key ? changedAt(item, rest, put) : item))
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (name !== key) return [[name, inner]]
      if (rest.length === 0 && put === undefined) return []
      return [[name, changedAt(inner, rest, put)]]
    })
  )
}

/** The value spoilt in one place. */
export const spoilt = (value: unknown, seed: number): unknown => {
  const draw = numbers(seed)
  const places = placesIn(value)
  const place = places[draw(places.length)] ?? []
  const put = draw(4) === 0 && place.length > 0 ? undefined : junk[draw(junk.length)]
  return changedAt(value, place, put)
}

/** What guard and schema say of a JSON value: one text when they agree, another when they do not. */
export const saying = <A>(
  value: unknown,
  guard: Guard<A>,
  schema: Schema.ConstraintDecoder<unknown>,
  options?: { readonly onExcessProperty: "error" }
): { readonly guard: boolean; readonly schema: boolean; readonly value: string } => {
  const json: unknown = JSON.parse(JSON.stringify(value) ?? "null")
  return {
    guard: guard(json),
    schema: Schema.decodeUnknownOption(schema, options)(json)._tag === "Some",
    value: JSON.stringify(json)
  }
}
