/** What a process of children/actOnDesk.ts is told. */
import { Schema } from "effect"
import { ActKind } from "./ActLog.ts"

export const Death = Schema.TaggedUnion({
  /** By its own hand, at the `call`th call to the disk from the beginning of its act number `acts`, which is of this kind. */
  At: { kind: ActKind, acts: Schema.Int, call: Schema.Int, after: Schema.Int },
  /** It acts until it is killed. */
  Outside: {}
})
export type Death = typeof Death.Type

export const Acting = Schema.Struct({
  project: Schema.String,
  log: Schema.String,
  seed: Schema.Int,
  /** The number of its first act, opening the desk; unique on the desk. */
  first: Schema.Int,
  /** Of the names of its orders. */
  prefix: Schema.String,
  death: Death
})
export type Acting = typeof Acting.Type
