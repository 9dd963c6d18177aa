/**
 * A brand put on a value without checking it: for values our own code makes.
 * As `Brand.nominal`, which brings the whole of Effect's schemas along; these
 * are called in programs that have to start at once.
 */
import type { Brand } from "effect"

/** What is branded, and gives the branded value; at run time the value itself. */
export function nominal<A extends Brand.Brand<string>>(): (value: Brand.Brand.Unbranded<A>) => A
export function nominal() {
  return (value: unknown) => value
}
