/**
 * The desk, composed.
 *
 * `layerPaper` is the only thing programs see of execution: it provides the
 * guarded broker and its companions, and nothing that goes past it. It needs
 * market data and stores; it needs no `LiveTradingAuthority`, and no live venue
 * can be put in its place without one.
 */
import { Layer } from "effect"
import type { ResumePolicy } from "../risk/ResumePolicy.ts"
import * as Account from "./Account.ts"
import { BookKeeper } from "./BookKeeper.ts"
import { BrokerContext } from "./BrokerContext.ts"
import * as Crank from "./Crank.ts"
import * as DeskView from "./DeskView.ts"
import * as GuardedBroker from "./GuardedBroker.ts"
import * as KillSwitch from "./KillSwitch.ts"
import * as PaperVenue from "./paper/PaperVenue.ts"
import type { VenueModels } from "./paper/VenueMemory.ts"

export interface PaperDeskOptions {
  readonly models: VenueModels
  /** Names this process among those of the desk. */
  readonly holder: string
  readonly resumePolicy: ResumePolicy
  /** On a desk both clocks bound the message rate; in a run only the market's may. */
  readonly clocks: "market" | "both"
}

const crankOptions = ({ holder, models, resumePolicy }: PaperDeskOptions): Crank.CrankOptions => {
  const { exerciseThreshold } = models
  return { holder, resumePolicy, ...(exerciseThreshold === undefined ? {} : { exerciseThreshold }) }
}

export const layerPaper = (options: PaperDeskOptions) =>
  Layer.mergeAll(Account.layer, KillSwitch.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(GuardedBroker.layer, DeskView.layer)),
    Layer.provide(BrokerContext.layer({ clocks: options.clocks })),
    Layer.provideMerge(Crank.layer(crankOptions(options))),
    Layer.provide(BookKeeper.layer),
    Layer.provide(PaperVenue.layer(options.models))
  )
