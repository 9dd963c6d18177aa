/** What `plimsoll doctor` says of one thing it looked at. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  /** What to do; empty when all is well. */
  readonly remedy: string
  /** How long it took to answer, where that is of interest. */
  readonly latencyMillis?: number
}

export const ok = (check: string, detail: string): Finding => ({ check, ok: true, detail, remedy: "" })

export const failed = (check: string, detail: string, remedy: string): Finding => ({
  check,
  ok: false,
  detail,
  remedy
})
