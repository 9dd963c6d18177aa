import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Evidence, EvidenceStore } from "../../../../src/backtest/robustness/Evidence.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { evidenceStore } from "../../../../src/programs/backtest/robustness/EvidenceFolder.ts"
import { deskFolderAt } from "../../../../src/programs/DeskFolder.ts"

let project = ""
beforeEach(() => (project = mkdtempSync(join(tmpdir(), "plimsoll-evidence-"))))
afterEach(() => rmSync(project, { recursive: true, force: true }))

const evidence = (id: string, algorithm: string, foundAt: number): Evidence => ({
  version: 1,
  id,
  subject: {
    algorithm,
    codeHash: `code ${foundAt}`,
    parameters: { fast: 5 },
    dataset: "embedded replay, SPX-REPLAY, 1d",
    from: sessionDate("2010-01-04"),
    to: sessionDate("2012-01-03"),
    profile: "desk",
    costs: "paper",
    pricesHash: "p"
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
    expect((await of("a")).map(({ id }) => id)).toEqual(["first", "second"])
    await put(evidence("first", "a", 3))
    expect(await of("a")).toEqual([evidence("second", "a", 2), evidence("first", "a", 3)])
  })

  it("that is damaged is named, with what to do", async () => {
    await put(evidence("first", "a", 1))
    const file = join(project, ".plimsoll/backtests/evidence/first.json")
    for (const text of ["{", JSON.stringify({ ...evidence("first", "a", 1), more: 1 })]) {
      writeFileSync(file, text)
      await expect(of("a")).rejects.toThrow(/first\.json is damaged \(delete it, and run again/u)
    }
  })
})
