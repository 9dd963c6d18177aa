/** A project with a desk, a hook before orders and the settings that name it, for what runs hooks as processes. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { type ClaudeProject, readClaudeProject } from "../../../src/programs/claude/ClaudeProject.ts"
import * as Warnings from "../../../src/programs/cli/Warnings.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { type DeskServices, openOrInit } from "../../../src/programs/OpenOrInit.ts"
import { guarded } from "./Settings.ts"

export const VALIDATOR = ".claude/hooks/risk-validator.sh"

/** Writes a file of the project; `mode` 0o755 makes it a program. */
export const writeInto = (project: string, path: string, text: string, mode = 0o644): void => {
  mkdirSync(join(project, path, ".."), { recursive: true })
  writeFileSync(join(project, path), text, { mode })
}

/** Puts a shell script in the place of the hook before orders. */
export const hookSays = (project: string, lines: string): void =>
  writeInto(project, VALIDATOR, `#!/bin/sh\n${lines}\n`, 0o755)

/** Denies as the real one does. */
export const GOOD_HOOK = `cat >/dev/null; echo "denied by the rule order-size: it is too large" >&2; exit 2`

export interface ClaudeDesk {
  readonly project: string
  /** Its settings of Claude Code as they are now. */
  readonly claude: () => ClaudeProject
  /** Opens the desk for `work`. */
  readonly onDesk: <A, E>(work: Effect.Effect<A, E, DeskServices>) => Promise<A>
  /** The last line of the desk's journal. */
  readonly head: () => Promise<number>
  readonly remove: () => void
}

const repository = resolve(import.meta.dirname, "../../..")

/** Gives a project what the repository ships for Claude Code, with launchers and bundles as links to its own. */
export const shipped = (project: string): void => {
  for (const name of [".mcp.json", ".claude"]) {
    cpSync(join(repository, name), join(project, name), { recursive: true, force: true })
  }
  rmSync(join(project, ".claude/settings.local.json"), { force: true })
  for (const name of ["bin", "dist", "scripts", "node_modules", "package.json"]) {
    symlinkSync(join(repository, name), join(project, name))
  }
}

const platform = Layer.mergeAll(NodeServices.layer, Warnings.layer)

/** `settings` undefined: a project without any. */
export const claudeDesk = (
  options: { readonly settings?: object; readonly config?: object; readonly hook?: string } = {}
): ClaudeDesk => {
  const { config = { market: { source: "embedded" } }, hook = GOOD_HOOK, settings = guarded() } = options
  const project = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-claude-")))
  writeInto(project, "plimsoll.json", JSON.stringify(config))
  writeInto(project, ".claude/settings.json", JSON.stringify(settings))
  hookSays(project, hook)
  const nowhere = join(project, "nowhere")
  const onDesk: ClaudeDesk["onDesk"] = (work) =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const desk = yield* openOrInit(
        { folder: deskFolderAt(project, undefined), holder: `test-${process.pid}`, program: "test" },
        scope
      )
      return yield* Effect.provideContext(work, desk)
    }).pipe(Effect.scoped, Effect.provide(platform), Effect.runPromise)
  return {
    project,
    claude: () => readClaudeProject({ project, userFolder: nowhere, managedFolder: nowhere }),
    onDesk,
    head: () => onDesk(OrderJournal.use((journal) => journal.head)),
    remove: () => rmSync(project, { recursive: true, force: true })
  }
}
