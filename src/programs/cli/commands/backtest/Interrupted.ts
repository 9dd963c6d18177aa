/** What is said of work that can be gone on with: by Ctrl-C, and where it cannot be kept. */
import { Effect, Result } from "effect"
import { backtestsOf } from "../../../backtest/BacktestServices.ts"
import type { KeepOptions } from "../../../backtest/robustness/Unfinished.ts"
import { invocation } from "../../Invocation.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"

export interface Interruptible {
  readonly resume: boolean
  /** From "backtest" on, without --resume. */
  readonly command: string
  /** What --resume goes on with. */
  readonly left: string
  readonly bar: { readonly stop: () => void }
}

const said = (text: string) => Effect.sync(() => err(printable(`plimsoll: ${text}`)))

export const keptOnTerminal = ({ bar, command, left, resume }: Interruptible): KeepOptions => ({
  backtests: backtestsOf(surroundings().folder),
  resume,
  onInterrupt: (kept) =>
    Effect.andThen(
      Effect.sync(bar.stop),
      said(
        Result.match(kept, {
          onFailure: ({ message }) => `interrupted; ${message}`,
          onSuccess: (isKept) =>
            isKept
              ? `interrupted; ${invocation()} ${command} --resume goes on with ${left}`
              : "interrupted before there was anything to keep"
        })
      )
    ),
  onTrouble: ({ message }) => said(`it goes on, and could not be gone on with: ${message}`)
})
