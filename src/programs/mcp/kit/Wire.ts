/**
 * Names on the wire are snake_case, in code camelCase. Nothing on the wire is a
 * record with free keys, so that every key is a name and can be turned.
 */

/** "quoteId" → "quote_id". */
export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)

/** "quote_id" → "quoteId". */
export const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase())

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const withKeys = (turn: (name: string) => string) => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (!isRecord(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [turn(name), turned(inner)]))
  }
  return turned
}

/** JSON of the code's names, as it goes out. */
export const toWire = withKeys(snakeCase)
/** JSON as it came in, with the code's names. */
export const fromWire = withKeys(camelCase)
