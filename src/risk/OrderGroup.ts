/** Orders that exclude each other. */
import type { ClientOrderId } from "../domain/Identifiers.ts"

/** What legs that exclude each other have in common; a bracket and a group that a caller named never share it. */
export const groupOf = (
  ocoGroup: string | undefined,
  bracketOf: ClientOrderId | undefined
): string | undefined =>
  bracketOf !== undefined ? `bracket ${bracketOf}` : ocoGroup === undefined ? undefined : `oco ${ocoGroup}`
