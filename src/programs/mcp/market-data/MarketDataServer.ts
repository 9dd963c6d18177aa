/** The server of prices and of the market's time. It changes nothing but which quotes an order may cite. */
import type { ServerDefinition } from "../kit/McpServer.ts"
import { getGreeks } from "./GreeksTool.ts"
import { getHistorical } from "./HistoricalTool.ts"
import { getOptionChain } from "./OptionChainTool.ts"
import { getQuote } from "./QuoteTool.ts"
import { searchInstruments } from "./SearchTool.ts"
import { getMarketStatus } from "./StatusTool.ts"
import { getVolSurface } from "./SurfaceTool.ts"

export const marketDataServer: ServerDefinition = {
  name: "market-data",
  title: "Plimsoll market data",
  instructions:
    "Prices as of the desk's market time, never later. Look at get_market_status first; get_quote gives the quote_id an order has to cite; get_historical gives bars, or a summary and a cursor where they are many. get_option_chain, get_greeks and get_vol_surface are about options; where no market quoted them a model does, and the answer says so.",
  tools: [
    getQuote,
    getHistorical,
    getOptionChain,
    getGreeks,
    getVolSurface,
    searchInstruments,
    getMarketStatus
  ],
  resources: []
}
