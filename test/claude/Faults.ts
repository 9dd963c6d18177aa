/** The ways a hook can fail, done to a project while a client works in it. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { replaceHook, VALIDATOR } from "./Project.ts"

export type Fault = (project: string) => void

const script =
  (lines: string): Fault =>
  (project) =>
    replaceHook(project, "risk-validator", lines)

const deny = `{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"no"}}`

export const faults: ReadonlyArray<readonly [string, Fault]> = [
  ["is deleted", (project) => rmSync(join(project, VALIDATOR))],
  ["is no program any more", (project) => writeFileSync(join(project, VALIDATOR), "\u0000\u0001")],
  ["crashes", script("cat >/dev/null; exit 1")],
  ["is killed", script("cat >/dev/null; kill -9 $$")],
  ["is slower than its time", script("sleep 100")],
  ["prints junk", script("cat >/dev/null; echo junk")],
  ["prints half an answer", script(`cat >/dev/null; printf '{"hookSpecificOutput":'`)],
  ["prints something before its refusal", script(`cat >/dev/null; echo checking; printf '%s' '${deny}'`)],
  ["says yes and leaves no permit", script("cat >/dev/null; exit 0")]
]
