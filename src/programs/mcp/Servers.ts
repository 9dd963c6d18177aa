/** The servers by name; each is loaded when it is asked for. */
import { Effect } from "effect"
import type { ServerDefinition } from "./kit/McpServer.ts"
import type { ServerName } from "./ServerNames.ts"

/** The definition of a server. `requirePermit`: orders need a permit of the hook (the broker alone knows orders). */
export const serverNamed = (
  name: ServerName,
  options: { readonly requirePermit: boolean }
): Effect.Effect<ServerDefinition> =>
  Effect.promise(async () => {
    switch (name) {
      case "broker":
        return (await import("./broker/BrokerServer.ts")).brokerServer(options)
      case "market-data":
        return (await import("./market-data/MarketDataServer.ts")).marketDataServer
      case "portfolio":
        return (await import("./portfolio/PortfolioServer.ts")).portfolioServer
      case "backtest":
        return (await import("./backtest/BacktestServer.ts")).backtestServer
    }
  })
