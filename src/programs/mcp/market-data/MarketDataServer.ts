/** The server of prices and of the market's time. It changes nothing but which quotes an order may cite. */
import type { ServerDefinition } from "../kit/McpServer.ts"
import { getHistorical } from "./HistoricalTool.ts"
import { getQuote } from "./QuoteTool.ts"
import { searchInstruments } from "./SearchTool.ts"
import { getMarketStatus } from "./StatusTool.ts"

export const marketDataServer: ServerDefinition = {
  name: "market-data",
  title: "Plimsoll market data",
  instructions:
    "Prices as of the desk's market time, never later. Look at get_market_status first; get_quote gives the quote_id an order has to cite; get_historical gives bars, or a summary and a cursor where they are many.",
  tools: [getQuote, getHistorical, searchInstruments, getMarketStatus],
  resources: []
}
