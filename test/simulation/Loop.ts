/**
 * The computer's time and the turns of all fibers, in the simulator's hand.
 *
 * Fibers of every simulated process run on this one queue, in the order they
 * were made ready, until all of them wait for something; then the simulator
 * decides what happens next. Nothing here looks at the real clock.
 */
import { type Clock, Duration, Effect, type Fiber, type Scheduler } from "effect"

interface Sleeper {
  readonly until: number
  readonly order: number
  readonly wake: () => void
}

/** More turns than any simulated work takes between two waits: reached only by a loop that never waits. */
const MAX_TURNS = 1_000_000

export class Loop {
  private ready: Array<() => void> = []
  private sleepers: Array<Sleeper> = []
  private slept = 0
  /** Milliseconds of the computer's clock. */
  millis: number

  constructor(startMillis: number) {
    this.millis = startMillis
  }

  readonly scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: (fiber: Fiber.Fiber<unknown, unknown>) =>
      fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield,
    makeDispatcher: () => ({
      scheduleTask: (task) => {
        this.ready.push(task)
      },
      flush: () => this.run()
    })
  }

  readonly clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => this.millis,
    currentTimeMillis: Effect.sync(() => this.millis),
    currentTimeNanosUnsafe: () => BigInt(Math.round(this.millis)) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(Math.round(this.millis)) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(Math.round(this.millis)) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(Math.round(this.millis)) * 1_000_000n),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const sleeper: Sleeper = {
          until: this.millis + Duration.toMillis(duration),
          order: this.slept++,
          wake: () => resume(Effect.void)
        }
        this.sleepers.push(sleeper)
        return Effect.sync(() => {
          this.sleepers = this.sleepers.filter((other) => other !== sleeper)
        })
      })
  }

  /** Runs every fiber that can run, until all wait. */
  run(): void {
    for (let turns = 0; this.ready.length > 0; turns++) {
      if (turns > MAX_TURNS) throw new Error("a fiber runs on and on without waiting for anything")
      const batch = this.ready
      this.ready = []
      for (const task of batch) task()
    }
  }

  get isAnyoneAsleep(): boolean {
    return this.sleepers.length > 0
  }

  /** Moves the computer's clock on, waking whoever slept until then, one instant after the other. */
  advance(byMillis: number): void {
    const target = this.millis + byMillis
    while (true) {
      const due = this.sleepers
        .filter(({ until }) => until <= target)
        .toSorted((a, b) => a.until - b.until || a.order - b.order)[0]
      if (due === undefined) break
      this.sleepers = this.sleepers.filter((other) => other !== due)
      this.millis = Math.max(this.millis, due.until)
      due.wake()
      this.run()
    }
    this.millis = target
  }
}
