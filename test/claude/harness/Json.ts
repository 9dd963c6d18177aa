/** JSON that came from another program, read without believing anything about its shape. */

export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json | undefined }

/** The value, or `undefined` where the text is not JSON. */
export const parseJson = (text: string): Json | undefined => {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** What stands at a path of keys and positions; `undefined` where there is nothing. */
export const at = (value: Json | undefined, ...path: ReadonlyArray<string | number>): Json | undefined => {
  let here = value
  for (const step of path) {
    if (here === undefined || here === null || typeof here !== "object") return undefined
    if (isList(here)) here = typeof step === "number" ? here.at(step) : undefined
    else here = here[step]
  }
  return here
}

/** The text at a path, or "". */
export const textAt = (value: Json | undefined, ...path: ReadonlyArray<string | number>): string => {
  const found = at(value, ...path)
  return typeof found === "string" ? found : ""
}

/** The list at a path, or none. */
export const listAt = (
  value: Json | undefined,
  ...path: ReadonlyArray<string | number>
): ReadonlyArray<Json> => {
  const found = at(value, ...path)
  return found !== undefined && found !== null && isList(found) ? found : []
}
