import { existsSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import { dollars } from "../../src/domain/Money.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import * as RunFolder from "../../src/programs/RunFolder.ts"
import { runFile } from "../../src/programs/RunPreparation.ts"
import { venueModelsOf } from "../../src/programs/VenueModelsConfig.ts"
import { deskProfile } from "../../src/risk/LimitsProfile.ts"

const file = runFile(
  {
    strategies: ["trend"],
    symbols: ["SPX-REPLAY"],
    from: sessionDate("2008-01-02"),
    to: sessionDate("2008-01-31"),
    cash: dollars(100_000),
    profile: deskProfile,
    resumePolicy: { _tag: "Never" },
    seed: 1,
    models: venueModelsOf(undefined)
  },
  { source: "embedded" },
  "/project"
)

const inFolder = <A, E>(body: (folder: string) => Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.makeTempDirectoryScoped(), body)
  ).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

it.effect("runs that are begun in the same moment have folders of their own", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const runs = join(folder, "runs")
      const made = yield* Effect.all(
        Array.from({ length: 20 }, () => RunFolder.create(runs, file)),
        { concurrency: "unbounded" }
      )
      expect(new Set(made.map(({ id }) => id)).size).toBe(20)
      expect(made.every(({ path }) => existsSync(join(path, "run.json")))).toBe(true)
      expect((yield* RunFolder.list(runs)).length).toBe(20)
    })
  )
)

it.effect("a run is read as it was begun, and has no result before it is finished", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const made = yield* RunFolder.create(join(folder, "runs"), file)
      expect(yield* RunFolder.read(made)).toEqual(file)
      expect(yield* RunFolder.result(made)).toEqual(Option.none())
      yield* RunFolder.finish(made, { ok: true })
      expect(JSON.parse(Option.getOrThrow(yield* RunFolder.result(made)))).toEqual({ ok: true })
    })
  )
)

it("a run's command says every input", () => {
  expect(file.command).toBe(
    "run --symbols SPX-REPLAY --from 2008-01-02 --to 2008-01-31 --cash 100000 --strategy trend --limits desk --resume-policy never --seed 1"
  )
})
