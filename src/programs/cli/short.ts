/**
 * `status` and `statusline` where the desk has to be opened: a bundle of their
 * own, without the command-line library. The same desk as everywhere, its
 * crank turned.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Exit, Layer, Path } from "effect"
import { loadConfig, openDesk } from "../DeskProgram.ts"
import { endingOfExit, exitCodes } from "./Failures.ts"
import { tellStatus } from "./StatusProgram.ts"
import type { Said } from "./StatusSnapshot.ts"
import { holder, type Surroundings, surroundings } from "./Surroundings.ts"
import { err, ignoreClosedPipes, out, plainly } from "./Terminal.ts"
import * as Warnings from "./Warnings.ts"

const platform = Layer.mergeAll(NodeFileSystem.layer, Path.layer, Warnings.layer)

const program = ({ colour, folder }: Surroundings, what: keyof Said, bundle: string) =>
  Effect.gen(function* () {
    const desk = openDesk(folder, holder()).pipe(Layer.provideMerge(platform))
    const telling = Effect.gen(function* () {
      const { config } = yield* loadConfig(folder)
      return yield* tellStatus(folder, { program: bundle, source: config.market?.source ?? "embedded" })
    })
    const exit = yield* Effect.exit(Effect.provide(telling, desk))
    if (Exit.isSuccess(exit)) {
      out(plainly(exit.value[what], colour))
      return exitCodes.done
    }
    const { exitCode, lines } = yield* endingOfExit(exit, folder)
    // Whoever shows a status line shows standard output, and nothing at all after a failure.
    if (what === "line") {
      out(`PAPER  ${(lines[0] ?? "unknown").replace(/^plimsoll: /u, "")}`)
      return exitCodes.done
    }
    for (const line of lines) err(line)
    return exitCode
  })

/**
 * `bundle` is the file of the program that keeps what is said. What is around
 * is looked at anew: a secret that one bundle hid, another cannot read.
 */
export const run = (what: keyof Said, bundle: string): void => {
  ignoreClosedPipes()
  void Effect.runPromise(program(surroundings(), what, bundle)).then((code) => {
    process.exitCode = code
  })
}
