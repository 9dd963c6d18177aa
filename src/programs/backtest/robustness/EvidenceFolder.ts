/**
 * Evidence as files: `.plimsoll/backtests/evidence/ID.json`, each there whole or
 * not at all. The same question again takes the place of the earlier answer.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Option, Result, Schema } from "effect"
import { isIdOf } from "../../../backtest/BacktestId.ts"
import { BacktestStoreFailed } from "../../../backtest/BacktestStoreErrors.ts"
import { Evidence, EVIDENCE_VERSION, EvidenceStore } from "../../../backtest/robustness/Evidence.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { backtestsOf } from "../BacktestServices.ts"
import { placeWhole } from "../PlaceWhole.ts"

/** Characters of what is wrong with a file that are told. */
const MAX_PROBLEM = 300

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Evidence), { onExcessProperty: "error" })
const encode = Schema.encodeSync(Schema.fromJsonString(Evidence))

const failed = (file: string, what: string, problem: string): BacktestStoreFailed =>
  new BacktestStoreFailed({ file, message: `${file} ${what}: ${problem.slice(0, MAX_PROBLEM)}` })

const trying = <A>(file: string, what: string, work: () => A): Effect.Effect<A, BacktestStoreFailed> =>
  Effect.try({
    try: work,
    catch: (cause) => failed(file, what, cause instanceof Error ? cause.message : String(cause))
  })

const oldestFirst = (a: Evidence, b: Evidence): number => a.foundAt - b.foundAt || (a.id < b.id ? -1 : 1)

const versionOf = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ version: Schema.Int })))

/** None of a file of another version. */
const read = Effect.fnUntraced(function* (file: string) {
  const text = yield* trying(file, "cannot be read", () => readFileSync(file, "utf8"))
  const evidence = decode(text)
  if (Result.isSuccess(evidence)) return [evidence.success]
  if (Option.exists(versionOf(text), ({ version }) => version !== EVIDENCE_VERSION)) return []
  return yield* failed(
    file,
    "is damaged (delete it, and run again what it is of)",
    evidence.failure.message.replaceAll(/\s+/gu, " ")
  )
})

/** What was found out in a project; nothing is written by looking. */
export const evidenceStore = (folder: DeskFolder): Layer.Layer<EvidenceStore> => {
  const root = join(backtestsOf(folder), "evidence")
  const names = trying(root, "cannot be read", () =>
    existsSync(root) ? readdirSync(root).filter((name) => name.endsWith(".json")) : []
  )
  return Layer.succeed(EvidenceStore, {
    put: (evidence) => {
      const file = join(root, `${evidence.id}.json`)
      return trying(file, "cannot be written", () => {
        mkdirSync(root, { recursive: true })
        placeWhole(file, `${encode(evidence)}\n`)
      })
    },
    of: (algorithm) =>
      names.pipe(
        // What is damaged of another one's is nobody's business here.
        Effect.map((all) => all.filter((name) => isIdOf(algorithm, name.slice(0, -".json".length)))),
        Effect.flatMap((all) => Effect.forEach(all, (name) => read(join(root, name)))),
        Effect.map((all) =>
          all
            .flat()
            .filter(({ subject }) => subject.algorithm === algorithm)
            .toSorted(oldestFirst)
        )
      )
  })
}
