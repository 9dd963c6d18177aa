/** The hooks, as they are called on the command line, in `.claude/hooks/` and in `dist/hooks/`. */
export const hookNames = [
  "risk-validator",
  "log-trade",
  "load-context",
  "parse-backtest",
  "algo-change-guard"
] as const
export type HookName = (typeof hookNames)[number]

export const isHookName = (name: string | undefined): name is HookName =>
  hookNames.some((known) => known === name)
