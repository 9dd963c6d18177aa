/** Segments of the points of a grid that have been played, and those that failed, as they come. */
import type { BacktestFailure } from "../../BacktestResult.ts"
import type { PlayedSegment, SegmentAsk } from "../../SegmentPlayer.ts"
import type { Span } from "./Windows.ts"

/** A segment that could not be played to its end. */
export interface FailedSegment extends Span {
  readonly failure: BacktestFailure
}

const keyOf = ({ from, until }: Span): string => `${from}-${until}`

export class SegmentTable {
  /** Segments that were played. */
  done = 0
  readonly #points = new Map<number, Map<string, PlayedSegment>>()
  readonly #failed = new Map<number, Map<string, FailedSegment>>()

  /** One that is there already is taken the place of. */
  put(index: number, segment: PlayedSegment): void {
    const known = this.#points.get(index) ?? new Map<string, PlayedSegment>()
    this.#points.set(index, known)
    const key = keyOf(segment)
    if (!known.has(key)) this.done += 1
    known.set(key, segment)
  }

  fail(index: number, segment: FailedSegment): void {
    const known = this.#failed.get(index) ?? new Map<string, FailedSegment>()
    this.#failed.set(index, known)
    known.set(keyOf(segment), segment)
  }

  of(index: number, span: Span): PlayedSegment | undefined {
    return this.#points.get(index)?.get(keyOf(span))
  }

  failureOf(index: number, span: Span): BacktestFailure | undefined {
    return this.#failed.get(index)?.get(keyOf(span))?.failure
  }

  get failures(): ReadonlyArray<FailedSegment & { readonly index: number }> {
    return [...this.#failed].flatMap(([index, segments]) =>
      [...segments.values()].map((segment) => ({ index, ...segment }))
    )
  }

  /** Whether nothing is left to play for it: it was played, with its returns where those are wanted, or failed. */
  has(index: number, ask: SegmentAsk): boolean {
    if (this.failureOf(index, ask) !== undefined) return true
    const found = this.of(index, ask)
    return found !== undefined && (found.returns !== undefined || !ask.returns)
  }
}
