/** Mode is a type: paper needs no authority to trade live, and what needs it cannot stand in for what does not. */
import { type Context, Effect, type Layer } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import { Broker } from "../../src/execution/Broker.ts"
import type * as Desk from "../../src/execution/Desk.ts"
import type { LiveTradingAuthority } from "../../src/execution/LiveTradingAuthority.ts"
import type { Venue } from "../../src/execution/Venue.ts"

type PaperDesk = ReturnType<typeof Desk.layerPaper>

/** As a live desk's layer would be: the same services, and the authority required. */
declare const liveDesk: Layer.Layer<
  Layer.Success<PaperDesk>,
  Layer.Error<PaperDesk>,
  Layer.Services<PaperDesk> | LiveTradingAuthority
>
declare const runPaper: (desk: PaperDesk) => void
declare const paperDesk: PaperDesk
declare const everythingPaperHas: Context.Context<Layer.Services<PaperDesk>>

describe("mode is a type", () => {
  it("a paper desk does not require the authority to trade live", () => {
    expectTypeOf<Extract<Layer.Services<PaperDesk>, LiveTradingAuthority>>().toEqualTypeOf<never>()
  })

  it("a paper desk provides the guarded broker, and neither venue nor authority", () => {
    expectTypeOf<Extract<Layer.Success<PaperDesk>, Broker>>().toEqualTypeOf<Broker>()
    expectTypeOf<Extract<Layer.Success<PaperDesk>, Venue>>().toEqualTypeOf<never>()
    expectTypeOf<Extract<Layer.Success<PaperDesk>, LiveTradingAuthority>>().toEqualTypeOf<never>()
  })

  it("a live desk requires it", () => {
    expectTypeOf<
      Extract<Layer.Services<typeof liveDesk>, LiveTradingAuthority>
    >().toEqualTypeOf<LiveTradingAuthority>()
  })

  it("a live desk cannot be given where a paper desk is expected", () => {
    runPaper(paperDesk)
    // @ts-expect-error It requires LiveTradingAuthority.
    runPaper(liveDesk)
    // @ts-expect-error And cannot be called a paper desk.
    const disguised: PaperDesk = liveDesk
    expectTypeOf(disguised).not.toBeAny()
  })

  it("a program composed from paper layers cannot run on a live desk", () => {
    const program = Effect.asVoid(Broker)
    const live = program.pipe(Effect.provide(liveDesk))
    expectTypeOf<Extract<Effect.Services<typeof live>, LiveTradingAuthority>>().not.toEqualTypeOf<never>()
    const started = live.pipe(Effect.provideContext(everythingPaperHas))
    // @ts-expect-error What paper layers provide is not enough to run it.
    const complete: Effect.Effect<void, unknown> = started
    expectTypeOf(complete).not.toBeAny()
  })
})
