/** The broker server: orders, and how the desk stands. */
import type { ServerDefinition } from "../kit/McpServer.ts"
import { explainOrder, getFills, getOrders, getPositions } from "./LookTools.ts"
import { type PermitOptions, placeTools } from "./PlaceTools.ts"
import { cancelAll, cancelOrder, getTradingState, haltTrading } from "./TradingTools.ts"

export const brokerServer = (options: PermitOptions): ServerDefinition => ({
  name: "broker",
  title: "Plimsoll broker (paper)",
  instructions:
    "Orders of a paper trading desk. Take a quote first (market-data get_quote, of options a row of get_option_chain) and cite its quote_id. A denial names the rule, its value and its limit: do not work around it. After a failure look at get_orders before sending again. Anyone may halt_trading; only a person resumes.",
  tools: [
    ...placeTools(options),
    cancelOrder,
    cancelAll,
    getOrders,
    getPositions,
    getFills,
    explainOrder,
    getTradingState,
    haltTrading
  ],
  resources: []
})
