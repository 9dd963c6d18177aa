/**
 * A hook is one value: what it is called, whether it guards, how it reads an
 * event, and what it answers. `RunHook.ts` makes a process of it.
 *
 * ```ts
 * // src/programs/hooks/risk-validator/main.ts
 * import { runHook } from "../kit/RunHook.ts"
 * import { riskValidator } from "./RiskValidator.ts"
 *
 * runHook(riskValidator)
 * ```
 */
import type { HookAnswer, Standing } from "./Answer.ts"
import type { JsonObject } from "./Json.ts"

/** An event that a hook cannot make anything of. In a guarding hook it blocks. */
export class Unusable {
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

/** What a hook finds around it. */
export interface HookSurroundings {
  /** The project's folder, absolute: CLAUDE_PROJECT_DIR, else where the event happened. */
  readonly project: string
  /** The folder the client was in at the event, absolute. */
  readonly cwd: string
  readonly environment: { readonly [name: string]: string | undefined }
}

export interface Hook<Facts> extends Standing {
  readonly name: string
  /** Whatever goes wrong in a guarding hook, the call is blocked. */
  readonly guarding: boolean
  /** Whether the client shows a person that a hook which does not guard went wrong (exit 1, not 0). */
  readonly visible?: boolean
  /** How long the hook may take from the start of its process; `DEADLINE_MILLIS` unless it says otherwise. */
  readonly deadlineMillis?: number
  /** What the hook needs of an event; an event it does not know is `Unusable`. */
  readonly input: (event: JsonObject) => Facts | Unusable
  /** The answer. What throws is unexpected, and so is a promise that is rejected. */
  readonly run: (facts: Facts, surroundings: HookSurroundings) => HookAnswer | Promise<HookAnswer>
}

/** How long a hook may take from the start of its process. The client's own timeout must be longer. */
export const DEADLINE_MILLIS = 2_000
