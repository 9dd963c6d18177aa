/** Opens the desk for the start of a session, sends the canary, and tells how things stand. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Cause, Effect, Layer, Option, Path, Redacted } from "effect"
import { Broker } from "../../../execution/Broker.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { runCanary } from "../../claude/Canary.ts"
import { type ClaudeProject, readClaudeProject, whereOf } from "../../claude/ClaudeProject.ts"
import { orderHoles } from "../../claude/Holes.ts"
import { type Picture, takePicture, turnToLook } from "../../cli/StatusReport.ts"
import { holder } from "../../cli/Surroundings.ts"
import * as Warnings from "../../cli/Warnings.ts"
import { type DeskFolder, findDeskFolder } from "../../DeskFolder.ts"
import { openOrInit } from "../../OpenOrInit.ts"
import type { HookSurroundings } from "../kit/Hook.ts"
import { brokenText, type SessionFacts, sessionText, type Told } from "./ContextText.ts"

const platform = Layer.mergeAll(NodeFileSystem.layer, Path.layer, Warnings.layer)

/** Then the session begins without the desk. */
export const GIVE_UP_MILLIS = 9_000

const lookAt = Effect.fnUntraced(function* (
  claude: ClaudeProject,
  environment: HookSurroundings["environment"]
) {
  const { findings } = yield* turnToLook
  const canary = yield* runCanary({ claude, environment })
  // After it: a canary that failed has halted trading.
  const picture: Picture = { ...(yield* takePicture), ...findings }
  const [lastOrder] = yield* Broker.use((broker) => broker.orders({ limit: 1 }))
  const [lastFill] = yield* DeskView.use((view) => view.latestFills({ limit: 1 }))
  const facts: SessionFacts = { picture, canary, lastOrder, lastFill, holes: orderHoles(claude) }
  return sessionText(facts)
})

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const folderOf = ({ environment, project }: HookSurroundings): DeskFolder => {
  const { PLIMSOLL_DATABASE_URL: url = "", PLIMSOLL_HOME: home } = environment
  return findDeskFolder(project, home, url === "" ? undefined : Redacted.make(url))
}

const told = Effect.fnUntraced(function* (
  surroundings: HookSurroundings
): Effect.fn.Return<Told, never, Layer.Success<typeof platform>> {
  const { environment, project } = surroundings
  const claude = readClaudeProject(whereOf(project, environment))
  const folder = folderOf(surroundings)
  const broken = (problem: string): Told => brokenText(folder.home, problem, orderHoles(claude))
  const looked = yield* Effect.scoped(
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const desk = yield* openOrInit({ folder, holder: holder(), program: "load-context" }, scope)
      return yield* Effect.provideContext(lookAt(claude, environment), desk)
    })
  ).pipe(
    Effect.catch(({ message }) => Effect.succeed(broken(message))),
    Effect.timeoutOption(GIVE_UP_MILLIS),
    Effect.catchCause((cause) => Effect.succeed(Option.some(broken(messageOf(Cause.squash(cause))))))
  )
  return Option.getOrElse(looked, () =>
    broken(`it did not answer within ${GIVE_UP_MILLIS / 1_000} s, so the guards are unproven`)
  )
})

export const sessionDesk = (surroundings: HookSurroundings): Promise<Told> =>
  Effect.runPromise(told(surroundings).pipe(Effect.provide(platform)))
