/**
 * Guards of plain JSON shapes.
 *
 * What Schemas check, without their library: for programs that have to start at
 * once, and read what the desk itself wrote. A guard looks and changes nothing;
 * tests hold each one against the Schema it stands in for.
 */

/** True when the value is of that shape. */
export type Guard<A> = (value: unknown) => value is A
export type Guarded<G> = G extends Guard<infer A> ? A : never

type Guards = Readonly<Record<string, Guard<unknown>>>

/** Required and optional fields; others are not looked at. */
export type Struct<Required extends Guards, Optional extends Guards> = {
  readonly [Key in keyof Required]: Guarded<Required[Key]>
} & { readonly [Key in keyof Optional]?: Guarded<Optional[Key]> }

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject: Guard<JsonObject> = (value): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const isText: Guard<string> = (value): value is string => typeof value === "string"
export const isFilledText: Guard<string> = (value): value is string =>
  typeof value === "string" && value !== ""
export const isFlag: Guard<boolean> = (value): value is boolean => typeof value === "boolean"
export const isFinite: Guard<number> = (value): value is number => Number.isFinite(value)
export const isWhole: Guard<number> = (value): value is number => Number.isSafeInteger(value)

/** One of these texts. */
export const oneOf = <const Name extends string>(...names: ReadonlyArray<Name>): Guard<Name> => {
  const known: ReadonlySet<unknown> = new Set(names)
  return (value): value is Name => known.has(value)
}

export const list =
  <A>(item: Guard<A>): Guard<ReadonlyArray<A>> =>
  (value): value is ReadonlyArray<A> => {
    if (!Array.isArray(value)) return false
    for (const one of value) if (!item(one)) return false
    return true
  }

/** An object whose keys and values are of these shapes. */
export const record =
  <Key extends string, A>(key: Guard<Key>, item: Guard<A>): Guard<{ readonly [K in Key]: A }> =>
  (value): value is { readonly [K in Key]: A } =>
    isObject(value) && Object.entries(value).every(([name, one]) => key(name) && item(one))

const none: Guards = {}

export const struct = <Required extends Guards, Optional extends Guards = typeof none>(
  required: Required,
  optional?: Optional
): Guard<Struct<Required, Optional>> => {
  const may: Guards = optional ?? none
  return (value): value is Struct<Required, Optional> => {
    if (!isObject(value)) return false
    // Loops that are run once or twice: without the lists and calls of the shorter way.
    for (const name in required) {
      if (!Object.hasOwn(value, name) || required[name]?.(value[name]) !== true) return false
    }
    for (const name in may) {
      if (Object.hasOwn(value, name) && may[name]?.(value[name]) !== true) return false
    }
    return true
  }
}

/** An object whose `_tag` says which of these shapes it is. */
export const tagged = <Cases extends Guards>(
  cases: Cases
): Guard<
  { readonly [Tag in keyof Cases & string]: { readonly _tag: Tag } & Guarded<Cases[Tag]> }[keyof Cases &
    string]
> => {
  let known: ReadonlyMap<unknown, Guard<unknown>> | undefined
  return (
    value
  ): value is {
    readonly [Tag in keyof Cases & string]: { readonly _tag: Tag } & Guarded<Cases[Tag]>
  }[keyof Cases & string] => {
    if (!isObject(value)) return false
    known ??= new Map<unknown, Guard<unknown>>(Object.entries(cases))
    const guard = known.get(value["_tag"])
    return guard !== undefined && guard(value)
  }
}

/** The value that a JSON text holds, if it is of that shape; undefined for another one and for what is no JSON. */
export const fromJson = <A>(guard: Guard<A>, text: unknown): A | undefined => {
  if (typeof text !== "string") return undefined
  try {
    const value: unknown = JSON.parse(text)
    return guard(value) ? value : undefined
  } catch {
    return undefined
  }
}
