/** The portfolio server: what the account holds, wins, loses and risks. Contains no way to change anything. */
import type { ServerDefinition } from "../kit/McpServer.ts"
import { getExposure } from "./ExposureTool.ts"
import { getDailyPnl } from "./PnlTool.ts"
import { portfolioResources } from "./PortfolioResources.ts"
import { getRiskMetrics } from "./RiskTool.ts"
import { getPortfolioSummary } from "./SummaryTool.ts"

export const portfolioServer: ServerDefinition = {
  name: "portfolio",
  title: "Plimsoll portfolio (paper)",
  instructions:
    "The paper account as it stands. Money is decimal text in dollars, ratios are of equity (0.1 is 10%), losses and drawdowns are zero or below, times are market time in UTC. Null is not known: the reason stands beside it. Long lists go on with next_cursor.",
  tools: [getPortfolioSummary, getExposure, getDailyPnl, getRiskMetrics],
  resources: portfolioResources
}
