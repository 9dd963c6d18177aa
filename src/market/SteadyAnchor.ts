/** How steady time hangs together with the machine's clocks, as plain values. */
import { Option, Schema } from "effect"
import { MICROS_PER_MINUTE, type Timestamp } from "../domain/Timestamp.ts"

/** Of one start of the machine. */
export const SteadyAnchor = Schema.Struct({
  /** Names the start; empty where the system gives it no name. */
  boot: Schema.String,
  /** Steady time when the monotonic clock stood at zero, micros. */
  epoch: Schema.Int,
  /** What the computer's clock showed more than steady time when this was settled, micros. */
  wallLead: Schema.Int
})
export type SteadyAnchor = typeof SteadyAnchor.Type

/** What a process sees of its machine: the name of its start, and both clocks in micros. */
export interface MachineMoment {
  readonly boot: string
  readonly monotonic: number
  readonly wall: Timestamp
}

/** What is stored may lie a lease ahead of now; behind by more than this is another start of the machine. */
const AHEAD_MICROS = MICROS_PER_MINUTE

/**
 * Whether an anchor was settled in this start of the machine, by its name and by
 * the monotonic clock not having gone back. `latest` is the latest steady time
 * written anywhere.
 */
export const isOfThisStart = (
  { boot, epoch }: SteadyAnchor,
  latest: number | undefined,
  here: Omit<MachineMoment, "wall">
): boolean => {
  const behind = latest === undefined ? 0 : latest - (epoch + here.monotonic)
  return boot === here.boot && behind <= AHEAD_MICROS
}

/**
 * The anchor of this start of the machine: the stored one where it is of this
 * start, else one that goes on from `latest`, the latest steady time written
 * anywhere. A start is told from another by its name, and by the monotonic
 * clock having gone back.
 */
export const settle = (
  stored: Option.Option<SteadyAnchor>,
  latest: Option.Option<Timestamp>,
  here: MachineMoment
): SteadyAnchor => {
  if (Option.isSome(stored) && isOfThisStart(stored.value, Option.getOrUndefined(latest), here)) {
    return stored.value
  }
  const last = Option.getOrElse(latest, () => here.wall)
  return { boot: here.boot, epoch: last - here.monotonic, wallLead: here.wall - last }
}
