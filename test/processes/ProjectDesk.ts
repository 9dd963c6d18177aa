/** The desk of a project as its programs compose it, on the test market: what the processes of these tests open. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { Clock, Effect, Result } from "effect"
import type { Actor } from "../../src/domain/Actor.ts"
import { accountId } from "../../src/domain/Identifiers.ts"
import { dollars } from "../../src/domain/Money.ts"
import { Account } from "../../src/execution/Account.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { decodeConfig } from "../../src/programs/DeskConfig.ts"
import { deskFolderAt } from "../../src/programs/DeskFolder.ts"
import { deskLayer } from "../../src/programs/DeskProgram.ts"
import { sqliteOf } from "../../src/programs/DeskStorage.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import { optionMarket, optionSessions } from "../execution/OptionDesk.ts"
import { minute, sourceOf } from "../execution/TestMarket.ts"

export const person: Actor = { kind: "person", name: "cli" }

/** Orders may come fast, be as large as a spread, fill in parts and cost something. */
const config = {
  limits: {
    ordersPerMinute: 500,
    openOrders: 60,
    duplicateWindowSeconds: 1,
    positionRatio: 1,
    orderNotionalRatio: 0.5
  },
  paper: {
    fill: { model: "volume-share", shareBasisPoints: 1, unlimitedWhenNoVolume: true },
    fee: { model: "ratio", basisPoints: 5 }
  }
}

/** Writes the files of a project, without a desk. */
export const makeProject = (project: string): void => {
  const folder = deskFolderAt(project, undefined)
  mkdirSync(folder.home, { recursive: true })
  writeFileSync(folder.config, JSON.stringify(config))
}

/** A desk of the database's first version as that program left it when it was killed, and the log of its acts. */
const version1 = fileURLToPath(new URL("../storage/desk-v1/", import.meta.url))

/** Writes the files of a project whose desk was made by the first version, and `acts.log` beside them. */
export const makeOldProject = (project: string): void => {
  makeProject(project)
  const { audit, database } = deskFolderAt(project, undefined)
  const db = new DatabaseSync(database)
  db.exec(readFileSync(join(version1, "desk.sql"), "utf8"))
  db.close()
  mkdirSync(audit)
  copyFileSync(join(version1, "2026-11-25.ndjson"), join(audit, "2026-11-25.ndjson"))
  copyFileSync(join(version1, "acts.ndjson"), join(project, "acts.log"))
}

/** Everything a program has of the project's desk. */
export const projectDesk = (project: string, holder: string) => {
  const folder = deskFolderAt(project, undefined)
  const read = decodeConfig("plimsoll.json", readFileSync(folder.config, "utf8"))
  return deskLayer({
    folder,
    storage: sqliteOf(folder),
    config: Result.getOrThrow(read),
    sources: [sourceOf(optionMarket, optionSessions)],
    holder
  })
}

/** What `plimsoll init` and `plimsoll limits accept` do: done again it changes nothing. */
export const setUp = Effect.gen(function* () {
  const clock = yield* MarketClockControl
  yield* clock.initialise(minute(0, 5))
  const account = yield* Account
  yield* account
    .open({ accountId: accountId("desk"), cash: dollars(100_000), actor: person })
    .pipe(Effect.catchTag("AccountAlreadyOpen", () => Effect.void))
  const sealed = yield* SealedLimits
  const { candidateHash, differences } = yield* sealed.inForce
  if (differences.length > 0) yield* account.acceptLimits({ candidateHash, actor: person })
})

/** The computer's clock, set forward. */
export const laterBy = (millis: number) =>
  Effect.provideServiceEffect(
    Clock.Clock,
    Effect.map(Clock.Clock, (real): Clock.Clock => {
      const nanos = BigInt(millis) * 1_000_000n
      return {
        currentTimeMillisUnsafe: () => real.currentTimeMillisUnsafe() + millis,
        currentTimeMillis: Effect.map(real.currentTimeMillis, (now) => now + millis),
        currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() + nanos,
        currentTimeNanos: Effect.map(real.currentTimeNanos, (now) => now + nanos),
        monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe() + nanos,
        monotonicTimeNanos: Effect.map(real.monotonicTimeNanos, (now) => now + nanos),
        sleep: (duration) => real.sleep(duration)
      }
    })
  )
