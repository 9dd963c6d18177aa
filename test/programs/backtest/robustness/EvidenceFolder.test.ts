import { hash } from "node:crypto"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  type Evidence,
  EVIDENCE_VERSION,
  EvidenceStore
} from "../../../../src/backtest/robustness/Evidence.ts"
import { dollars } from "../../../../src/domain/Money.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { evidenceStore } from "../../../../src/programs/backtest/robustness/EvidenceFolder.ts"
import { deskFolderAt } from "../../../../src/programs/DeskFolder.ts"

let project = ""
beforeEach(() => (project = mkdtempSync(join(tmpdir(), "plimsoll-evidence-"))))
afterEach(() => rmSync(project, { recursive: true, force: true }))

/** An id is the algorithm's name and ten digits. */
const idOf = (algorithm: string, id: string): string => `${algorithm}-${hash("sha1", id, "hex").slice(0, 10)}`

const evidence = (id: string, algorithm: string, foundAt: number): Evidence => ({
  version: EVIDENCE_VERSION,
  id: idOf(algorithm, id),
  subject: {
    algorithm,
    codeHash: `code ${foundAt}`,
    parameters: { fast: 5 },
    dataset: "embedded replay, SPX-REPLAY, 1d",
    from: sessionDate("2010-01-04"),
    to: sessionDate("2012-01-03"),
    profile: "desk",
    costs: "paper",
    pricesHash: "p",
    cash: dollars(100_000),
    resumePolicy: "sessions:20",
    seed: 1,
    engine: "0.1.0"
  },
  finding: { _tag: "LookAhead", cuts: 40, compared: 12, changed: 0, warmUpChanged: 0 },
  command: "backtest lookahead sma-cross",
  foundAt
})

const run = <A, E>(work: Effect.Effect<A, E, EvidenceStore>) =>
  Effect.runPromise(Effect.provide(work, evidenceStore(deskFolderAt(project, undefined))))
const put = (one: Evidence) => run(EvidenceStore.use((store) => store.put(one)))
const of = (algorithm: string) => run(EvidenceStore.use((store) => store.of(algorithm)))

describe("evidence", () => {
  it("is kept by its id, and told by algorithm whatever its code was, oldest first; looking writes nothing", async () => {
    expect(await of("a")).toEqual([])
    expect(readdirSync(project)).toEqual([])
    await put(evidence("second", "a", 2))
    await put(evidence("first", "a", 1))
    await put(evidence("other", "b", 1))
    expect((await of("a")).map(({ id }) => id)).toEqual(["first", "second"].map((id) => idOf("a", id)))
    await put(evidence("first", "a", 3))
    expect(await of("a")).toEqual([evidence("second", "a", 2), evidence("first", "a", 3)])
  })

  it("that is damaged is named, with what to do", async () => {
    await put(evidence("first", "a", 1))
    const name = `${idOf("a", "first")}.json`
    const file = join(project, ".plimsoll/backtests/evidence", name)
    for (const text of ["{", JSON.stringify({ ...evidence("first", "a", 1), more: 1 })]) {
      writeFileSync(file, text)
      await expect(of("a")).rejects.toThrow(`${name} is damaged (delete it, and run again`)
      // Nobody else's.
      expect(await of("b")).toEqual([])
    }
  })

  it("of another version of the program says nothing to this one", async () => {
    await put(evidence("first", "a", 1))
    const old = `${idOf("a", "old")}.json`
    writeFileSync(join(project, ".plimsoll/backtests/evidence", old), '{"version":1,"id":"old"}')
    expect((await of("a")).map(({ foundAt }) => foundAt)).toEqual([1])
  })
})
