/**
 * What a strategy has seen: histories and indicators of its instruments, grown
 * bar by bar. A strategy cannot look ahead, by construction: what has not ended
 * is not in here.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { type History, type HistoryBar, HistoryBuffer } from "./History.ts"
import type { Indicator, IndicatorState } from "./Indicator.ts"
import type { Strategy } from "./Strategy.ts"

interface Tracked {
  readonly buffer: HistoryBuffer
  readonly states: Array<IndicatorState>
  /** After the last bar, by place among the strategy's indicators. */
  readonly values: Array<number | undefined>
}

export class Feed {
  readonly #tracked: ReadonlyMap<InstrumentId, Tracked>
  readonly #indicators: ReadonlyArray<Indicator>
  /** Bars of each instrument before the first decision. */
  readonly warmUp: number
  #warm = false

  constructor(
    { indicators = [], warmUp = 0 }: Pick<Strategy, "indicators" | "warmUp">,
    instruments: ReadonlyArray<Instrument>
  ) {
    this.#indicators = indicators
    this.warmUp = indicators.reduce((most, one) => Math.max(most, one.warmUp), warmUp)
    this.#tracked = new Map(
      instruments.map(({ id }) => [
        id,
        {
          buffer: new HistoryBuffer(id),
          states: indicators.map((one) => one.make()),
          values: indicators.map(() => undefined)
        }
      ])
    )
  }

  /** Takes a bar that has ended. */
  append(id: InstrumentId, bar: HistoryBar): void {
    const tracked = this.#tracked.get(id)
    if (tracked === undefined) throw new RangeError(`a bar of ${id}, which is not in this run`)
    tracked.buffer.append(bar)
    for (let i = 0; i < tracked.states.length; i++) tracked.values[i] = tracked.states[i]?.update(bar)
  }

  /**
   * Takes a split out of what was seen: histories are restated, and indicators
   * are made anew from them.
   */
  split(id: InstrumentId, numerator: number, denominator: number): void {
    const tracked = this.#tracked.get(id)
    if (tracked === undefined) throw new RangeError(`a split of ${id}, which is not in this run`)
    tracked.buffer.split(numerator, denominator)
    this.#indicators.forEach((one, i) => {
      const state = one.make()
      let value: number | undefined
      for (const bar of tracked.buffer.bars()) value = state.update(bar)
      tracked.values[i] = value
      tracked.states.splice(i, 1, state)
    })
  }

  /** What is known of an instrument; undefined of one that is not in the run. */
  history(id: InstrumentId): History | undefined {
    return this.#tracked.get(id)?.buffer.history
  }

  /** When its last bar ended; undefined before the first. */
  lastEnd(id: InstrumentId): number | undefined {
    return this.#tracked.get(id)?.buffer.lastEnd
  }

  /** Whether every instrument has the bars that the strategy needs before it decides. */
  get isWarm(): boolean {
    if (this.#warm) return true
    for (const { buffer } of this.#tracked.values()) if (buffer.length < this.warmUp) return false
    this.#warm = true
    return true
  }

  /** An indicator's value after the last bar; throws for one that the strategy has not declared. */
  readonly valueOf = (indicator: Indicator, id: InstrumentId): number | undefined => {
    const at = this.#indicators.indexOf(indicator)
    if (at === -1) {
      throw new RangeError(`the strategy has not declared ${indicator.name} among its indicators`)
    }
    return this.#tracked.get(id)?.values[at]
  }
}
