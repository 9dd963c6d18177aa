/** How the servers are called: a list apart, for it is read before anything else is loaded. */
export const serverNames = ["market-data", "broker", "portfolio", "backtest"] as const
export type ServerName = (typeof serverNames)[number]

export const isServerName = (name: string | undefined): name is ServerName =>
  serverNames.some((known) => known === name)
