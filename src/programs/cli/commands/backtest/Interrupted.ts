/** What is said of work that can be gone on with: by Ctrl-C, and where it cannot be kept. */
import { Effect, Result } from "effect"
import type { KeepOptions } from "../../../backtest/robustness/Unfinished.ts"
import { invocation } from "../../Invocation.ts"
import { err, printable } from "../../Terminal.ts"

/** `command` is from "backtest" on, `left` what --resume goes on with. */
export const tellInterrupted =
  (command: string, left: string): KeepOptions["onInterrupt"] =>
  (kept) =>
    Effect.sync(() =>
      err(
        printable(
          Result.match(kept, {
            onFailure: ({ message }) => `plimsoll: interrupted; ${message}`,
            onSuccess: (isKept) =>
              isKept
                ? `plimsoll: interrupted; ${invocation()} ${command} --resume goes on with ${left}`
                : "plimsoll: interrupted before there was anything to keep"
          })
        )
      )
    )

export const tellTrouble: KeepOptions["onTrouble"] = ({ message }) =>
  Effect.sync(() => err(printable(`plimsoll: it goes on, and could not be gone on with: ${message}`)))
