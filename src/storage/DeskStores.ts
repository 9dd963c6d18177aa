/** Every store a desk or a run needs, on one database. */
import { Layer } from "effect"
import * as AuditStore from "./AuditStore.ts"
import * as CrankLeaseStore from "./CrankLeaseStore.ts"
import * as DeskIdentityStore from "./DeskIdentityStore.ts"
import * as InstrumentStore from "./InstrumentStore.ts"
import * as LimitsStore from "./LimitsStore.ts"
import * as MarketClockStore from "./MarketClockStore.ts"
import * as OrderJournalStore from "./OrderJournalStore.ts"
import * as PaperVenueStore from "./PaperVenueStore.ts"
import * as PermitStore from "./PermitStore.ts"
import * as QuoteStore from "./QuoteStore.ts"
import * as SteadyClockStore from "./SteadyClockStore.ts"

export const layer = Layer.mergeAll(
  AuditStore.layer,
  CrankLeaseStore.layer,
  DeskIdentityStore.layer,
  InstrumentStore.layer,
  LimitsStore.layer,
  OrderJournalStore.layer,
  PaperVenueStore.layer,
  PermitStore.layer,
  QuoteStore.layer,
  SteadyClockStore.layer
).pipe(Layer.provideMerge(MarketClockStore.layer))
