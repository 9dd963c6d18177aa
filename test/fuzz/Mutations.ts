/** A valid file made bad, in the ways editors, disks, exports and people do it. */
import * as fc from "fast-check"
import * as Hostile from "./Hostile.ts"

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

type Change<A> = fc.Arbitrary<(valid: A) => A>

/** A place between 0 and 1, so that it means something in a file of any length. */
const place = fc.double({ min: 0, max: 1, noNaN: true })
const at = (where: number, length: number): number => Math.floor(where * length)

const hostileBytes = fc.oneof(
  Hostile.text.map(encode),
  Hostile.number.map(encode),
  fc.uint8Array({ maxLength: 8 }),
  fc.constantFrom(
    ...[
      "\u0000",
      "\r",
      "\n",
      "\r\n",
      "\n\n\n",
      '"',
      ",",
      ";",
      "\t",
      "{",
      "}",
      "[",
      "]",
      "\\",
      "#",
      "/* c */",
      "// c\n"
    ].map(encode)
  )
)

const byteChange: Change<Uint8Array> = fc.oneof(
  {
    weight: 3,
    arbitrary: place.map((where) => (bytes: Uint8Array) => bytes.subarray(0, at(where, bytes.length)))
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(place, fc.integer({ min: 0, max: 255 }))
      .map(([where, byte]) => (bytes: Uint8Array) => {
        const changed = Uint8Array.from(bytes)
        changed[at(where, changed.length)] = byte
        return changed
      })
  },
  {
    weight: 5,
    arbitrary: fc.tuple(place, hostileBytes).map(([where, put]) => (bytes: Uint8Array) => {
      const i = at(where, bytes.length)
      return joined(bytes.subarray(0, i), put, bytes.subarray(i))
    })
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place, place).map(([a, b]) => (bytes: Uint8Array) => {
      const [from, until] = [at(Math.min(a, b), bytes.length), at(Math.max(a, b), bytes.length)]
      return joined(bytes.subarray(0, from), bytes.subarray(until))
    })
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place, place).map(([a, b]) => (bytes: Uint8Array) => {
      const [from, until] = [at(Math.min(a, b), bytes.length), at(Math.max(a, b), bytes.length)]
      return joined(bytes.subarray(0, until), bytes.subarray(from))
    })
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place).map(([a, b]) => (bytes: Uint8Array) => {
      const changed = Uint8Array.from(bytes)
      return changed.fill(0, at(Math.min(a, b), bytes.length), at(Math.max(a, b), bytes.length))
    })
  },
  {
    weight: 1,
    arbitrary: fc.constant((bytes: Uint8Array) => joined(Uint8Array.of(0xef, 0xbb, 0xbf), bytes))
  },
  {
    weight: 1,
    arbitrary: fc.constant((bytes: Uint8Array) =>
      joined(Uint8Array.of(0xff, 0xfe), Uint8Array.from(Buffer.from(decode(bytes), "utf16le")))
    )
  },
  { weight: 1, arbitrary: fc.constant((bytes: Uint8Array) => joined(bytes, bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => () => bytes) }
)

/** One to three changes of bytes. */
export const changeOfBytes: Change<Uint8Array> = fc
  .array(byteChange, { minLength: 1, maxLength: 3 })
  .map((changes) => (bytes: Uint8Array) => changes.reduce((changed, change) => change(changed), bytes))

/** The bytes of `valid`, changed. */
export const changedBytes = (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(valid, changeOfBytes).map(([bytes, change]) => change(bytes))

type Lines = ReadonlyArray<string>

const lineChange: Change<Lines> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(place, fc.nat(8), Hostile.anything).map(([where, column, put]) => (lines: Lines) => {
      const i = at(where, lines.length)
      return lines.map((line, n) => {
        if (n !== i) return line
        const fields = line.split(",")
        fields[column % fields.length] = put
        return fields.join(",")
      })
    })
  },
  {
    weight: 1,
    arbitrary: place.map((where) => (lines: Lines) => lines.filter((_, n) => n !== at(where, lines.length)))
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place).map(([a, b]) => (lines: Lines) => {
      const moved = lines[at(a, lines.length)] ?? ""
      return lines.toSpliced(at(b, lines.length), 0, moved)
    })
  },
  { weight: 1, arbitrary: fc.constant((lines: Lines) => lines.toReversed()) },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.constantFrom("", " ", ",", ",,,,,,,,,,,,", "#", '"', "\r", "x")).map(
      ([where, put]) =>
        (lines: Lines) =>
          lines.toSpliced(at(where, lines.length), 0, put)
    )
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.constantFrom(1, 500, 5000)).map(
      ([where, count]) =>
        (lines: Lines) =>
          lines.map((line, n) => (n === at(where, lines.length) ? `${line}${",x".repeat(count)}` : line))
    )
  }
)

/** One to three changes of rows and fields. */
export const changedLines = (valid: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      valid,
      fc.array(lineChange, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("\n", "\n", "\r\n", "\r")
    )
    .map(([text, changes, end]) =>
      changes.reduce<ReadonlyArray<string>>((changed, change) => change(changed), text.split("\n")).join(end)
    )

const deep = (depth: number): Json => {
  let value: Json = 1
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

const hostileJson: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1,
    1.5,
    0.1234567,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    1e21,
    "",
    "1",
    [],
    {},
    [[]],
    [null],
    { "": 0 }
  ),
  Hostile.number,
  Hostile.text,
  Hostile.date,
  fc.integer({ min: 1, max: 60 }).map(deep),
  fc.constantFrom("desk", "single-index", "research", "embedded", "lean", "csv", "skip", "AAPL")
)

const hostileKey = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "",
    " ",
    "a.b",
    "market",
    "limits",
    "paper",
    "source",
    "files",
    "universe",
    "seed",
    "$schema"
  ),
  Hostile.text
)

type Path = ReadonlyArray<string | number>

const pathsOf = (value: Json, path: Path = []): ReadonlyArray<Path> => {
  if (value === null || typeof value !== "object") return [path]
  const children = Object.entries(value).flatMap(([key, child]: [string, Json]) =>
    pathsOf(child, [...path, Array.isArray(value) ? Number(key) : key])
  )
  return [path, ...children]
}

/** `value` with what stands at `path` changed; undefined takes it out. */
const changedAt = (value: Json, path: Path, change: (found: Json) => Json | undefined): Json | undefined => {
  const [first, ...rest] = path
  if (first === undefined) return change(value)
  if (value === null || typeof value !== "object") return value
  const entries = Object.entries(value).flatMap(
    ([key, child]: [string, Json]): ReadonlyArray<[string, Json]> => {
      if (key !== String(first)) return [[key, child]]
      const changed = changedAt(child, rest, change)
      return changed === undefined ? [] : [[key, changed]]
    }
  )
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries)
}

const withKey = (value: Json, key: string, put: Json): Json => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return put
  const entries: ReadonlyArray<[string, Json]> = Object.entries(value)
  // An own key, whatever its name.
  return Object.fromEntries([...entries, [key, put]])
}

const jsonChange: Change<Json> = fc
  .tuple(
    place,
    fc.oneof(
      hostileJson.map((put) => () => put),
      fc.constant(() => undefined),
      fc.tuple(hostileKey, hostileJson).map(
        ([key, put]) =>
          (found: Json) =>
            withKey(found, key, put)
      ),
      fc.constant((found: Json): Json => [found]),
      fc.constant((found: Json): Json =>
        typeof found === "number" ? String(found) : typeof found === "string" ? Number(found) : [found, found]
      ),
      fc.constant((found: Json): Json =>
        typeof found === "string" ? found.toUpperCase() : typeof found === "number" ? found * 1e9 : {}
      )
    )
  )
  .map(([where, change]) => (value) => {
    const paths = pathsOf(value)
    return changedAt(value, paths[at(where, paths.length)] ?? [], change) ?? null
  })

/** A text that says some key twice, the second time otherwise. */
const twice = (text: string, where: number, put: Json): string => {
  const keys = [...text.matchAll(/"[^"\\]*"\s*:/gu)]
  const key = keys[at(where, keys.length)]
  return key === undefined
    ? text
    : `${text.slice(0, key.index)}${key[0]}${JSON.stringify(put)},${text.slice(key.index)}`
}

/** A JSON text whose value is changed once to three times, or that says a key twice, or whose text is changed. */
export const changedJson = (valid: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(valid, fc.array(jsonChange, { minLength: 1, maxLength: 3 }))
        .map(([value, changes]) =>
          JSON.stringify(
            changes.reduce((changed, change) => change(changed), value),
            null,
            2
          )
        )
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(valid, place, hostileJson)
        .map(([value, where, put]) => twice(JSON.stringify(value), where, put))
    },
    {
      weight: 2,
      arbitrary: changedBytes(valid.map((value) => encode(JSON.stringify(value, null, 2)))).map(decode)
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...'[{"'), fc.constantFrom(10, 1000, 100_000))
        .map(([open, depth]) => (open === "{" ? '{"a":'.repeat(depth) : open.repeat(depth)))
    },
    { weight: 1, arbitrary: Hostile.anything }
  )
