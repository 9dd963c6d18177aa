/** Looking into decoded JSON of unknown shape, without a schema library: hooks must start at once. */

export interface JsonObject {
  readonly [key: string]: unknown
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The text at `key`, or `undefined` where there is none or it is something else. */
export const textAt = (object: JsonObject, key: string): string | undefined => {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === "string" ? value : undefined
}

export const numberAt = (object: JsonObject, key: string): number | undefined => {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

export const objectAt = (object: JsonObject, key: string): JsonObject | undefined => {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isObject(value) ? value : undefined
}

/** The value a JSON text holds; `undefined`, which no JSON text holds, where it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
