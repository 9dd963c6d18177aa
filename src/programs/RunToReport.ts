/** Plays a run to its end and leaves its report and result in its folder. */
import { Effect, FileSystem } from "effect"
import { playRun, runJson, type RunOptions } from "./RunDesk.ts"
import * as RunFolder from "./RunFolder.ts"
import { version } from "./Version.ts"

/** What to type after a run, best first; `name` is how the program is called. */
export const nextSteps = (name: string, folder: RunFolder.RunFolder) => [
  {
    command: `${name} audit verify --run ${folder.id}`,
    purpose: "prove that the run's journal is what was written"
  },
  { command: `${name} init`, purpose: "open a desk of your own on the same prices" },
  { command: `${name} run --help`, purpose: "run on your own prices, other dates, strategies or limits" }
]

/** The command that goes on with a run that was interrupted. */
export const resumeCommand = (name: string, id: string): string => `${name} run --resume --run ${id}`

/** From where the run stands to its report; `name` is how the program is called. */
export const runToReport = Effect.fn("runToReport")(function* (
  options: Pick<RunOptions, "folder" | "file" | "sources" | "onProgress"> & { readonly name: string }
) {
  const { file, folder, name } = options
  const fs = yield* FileSystem.FileSystem
  const finished = yield* playRun({
    ...options,
    file: { ...file, command: `${name} ${file.command}` },
    generatedBy: `plimsoll ${version}`,
    next: nextSteps(name, folder)
  })
  // Drawing is only loaded when there is something to draw.
  const { reportHtml } = yield* Effect.promise(() => import("../session/report/ReportHtml.ts"))
  yield* fs.writeFileString(folder.report, reportHtml(finished.report))
  const result = runJson(finished, folder)
  yield* RunFolder.finish(folder, result)
  return { finished, result }
})
