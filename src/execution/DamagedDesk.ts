/** What can still be read of a damaged desk's database, row by row; each row that is given matched its checksum. */
import { Context, type Option } from "effect"
import type { OutboxRow } from "../audit/AuditStore.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { ReplayState } from "../market/ReplayClock.ts"
import type { SteadyAnchor } from "../market/SteadyAnchor.ts"
import type { SealedRecord } from "../risk/LimitsStore.ts"
import type { DeskIdentity } from "./DeskIdentity.ts"
import type { JournalEntry } from "./OrderJournal.ts"
import type { StoredVenue } from "./paper/PaperVenueStore.ts"
import type { VenueRecord } from "./Venue.ts"

export class DamagedDesk extends Context.Service<
  DamagedDesk,
  {
    /** Why nothing at all can be read; undefined where something can. */
    readonly unreadable: string | undefined
    /** Lines of [from, to], those that can be read. */
    readonly journal: (from: number, to: number) => ReadonlyArray<JournalEntry>
    /** The number of the last line that can be read; 0 for none. */
    readonly journalEnd: number
    readonly outbox: ReadonlyArray<OutboxRow>
    /** The paper venue, and how many lines its record has. */
    readonly venue: Option.Option<StoredVenue & { readonly recorded: number }>
    /** How far the venue's record had been journaled. */
    readonly venuePosition: Option.Option<number>
    readonly record: ReadonlyArray<VenueRecord>
    /** The newest sealed limits. */
    readonly limits: Option.Option<SealedRecord>
    readonly clock: Option.Option<ReplayState>
    readonly steadyClock: Option.Option<SteadyAnchor>
    readonly quotes: ReadonlyArray<QuoteTick>
    readonly identity: Option.Option<DeskIdentity>
    /** What SQLite finds wrong with the file's structure. */
    readonly damage: ReadonlyArray<string>
    /** Rows that are there and cannot be believed, by table. */
    readonly lost: ReadonlyMap<string, number>
  }
>()("plimsoll/execution/DamagedDesk") {}
