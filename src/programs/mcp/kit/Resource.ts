/** What a client can read by address: a picture of the desk as JSON. */
import type { Effect } from "effect"
import type { Failure } from "./Answer.ts"

export interface Resource<R> {
  /** A whole address, or one with a name in braces at its end: "plimsoll://orders/{id}". */
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  /** `id` is what stands in place of the braces; empty without. The value is camelCase, and goes out in snake_case. */
  readonly read: (id: string) => Effect.Effect<unknown, Failure, R>
}

export const isTemplate = ({ uri }: { readonly uri: string }): boolean => uri.includes("{")

/** The id that an address has in place of the template's braces; undefined when it is no such address. */
export const idIn = (template: string, uri: string): string | undefined => {
  const open = template.indexOf("{")
  if (open === -1) return template === uri ? "" : undefined
  const prefix = template.slice(0, open)
  if (!uri.startsWith(prefix) || uri.length === prefix.length) return undefined
  try {
    return decodeURIComponent(uri.slice(prefix.length))
  } catch {
    return undefined
  }
}
