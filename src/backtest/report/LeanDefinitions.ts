/** LEAN's statistics by LEAN's names, each in a sentence; the formulas are in docs/statistics.md. */

const account = {
  "Start Equity": "The starting cash, in dollars.",
  "End Equity": "Equity at the last close, open positions at their marks.",
  "Net Profit": "End over start, less one.",
  "Compounding Annual Return": "End over start, to the power of 365 over the calendar days, less one.",
  Drawdown:
    "The deepest fall from a peak, as a positive part of the peak; here at closes, by LEAN within the day.",
  "Drawdown Recovery":
    "The longest time from a peak until equity was back at it, in calendar days; a fall that has not recovered is not in it.",
  "Annual Variance": "Variance of the returns between closes (n − 1), times 252.",
  "Annual Standard Deviation": "The root of the annual variance.",
  "Sharpe Ratio":
    "The mean return compounded over 252 sessions, less the risk-free rate, over the annual standard deviation.",
  "Sortino Ratio": "The same over the deviation of the negative returns about their own mean.",
  "Probabilistic Sharpe Ratio":
    "How probable it is that the true Sharpe ratio is above 1 a year, skewness and kurtosis considered; of one try, not of many.",
  Alpha: "What is earned above the risk-free rate and beta times what the benchmark earned above it, a year.",
  Beta: "Covariance with the benchmark's returns over their variance.",
  "Information Ratio": "What is earned above the benchmark, over the tracking error.",
  "Tracking Error": "The root of the variance of the differences from the benchmark's returns, times √252.",
  "Treynor Ratio": "What is earned above the risk-free rate, over beta.",
  "Value At Risk 99":
    "Mean less 2.326 deviations of the last 252 returns: a loss of one session that a normal distribution passes once in a hundred.",
  "Value At Risk 95": "Mean less 1.645 deviations of the last 252 returns.",
  "Portfolio Turnover": "Bought and sold in a session over equity at its close, the mean of all sessions.",
  "Total Orders": "Orders that were sent; those that the rules denied were not.",
  "Total Trades": "What older results call the orders.",
  "Total Fees": "All fees, in dollars.",
  "Estimated Strategy Capacity":
    "How much money the strategy could take before it is a part of the volume that LEAN holds for too much.",
  "Lowest Capacity Asset": "The instrument that could take least.",
  "Average Win": "Mean profit of the trades that won, over the capital at the time.",
  "Average Loss": "Mean loss of the trades that lost, over the capital at the time.",
  "Win Rate": "Trades that won over closed trades.",
  "Loss Rate": "Trades that lost or gained nothing over closed trades.",
  "Profit-Loss Ratio": "Average win over the size of the average loss.",
  Expectancy: "Win rate times profit-loss ratio, less loss rate: in average losses, not in money."
} as const

const trades = {
  startDateTime: "The first entry, UTC.",
  endDateTime: "The last exit, UTC.",
  totalNumberOfTrades: "Closed trades.",
  numberOfWinningTrades: "Closed trades that gained, before fees.",
  numberOfLosingTrades: "Closed trades that lost or gained nothing, before fees.",
  totalProfitLoss: "Sum of all profits and losses, dollars before fees.",
  totalProfit: "Sum of the profits, dollars before fees.",
  totalLoss: "Sum of the losses, dollars before fees.",
  largestProfit: "Of one trade, dollars before fees.",
  largestLoss: "Of one trade, dollars before fees.",
  averageProfitLoss: "Mean of all trades, dollars before fees.",
  averageProfit: "Mean of those that won, dollars before fees.",
  averageLoss: "Mean of those that lost, dollars before fees.",
  averageTradeDuration: "Days, hours, minutes and seconds from entry to exit.",
  averageWinningTradeDuration: "The same of those that won.",
  averageLosingTradeDuration: "The same of those that lost.",
  medianTradeDuration: "Half of the trades were shorter.",
  medianWinningTradeDuration: "The same of those that won.",
  medianLosingTradeDuration: "The same of those that lost.",
  maxConsecutiveWinningTrades: "The longest run of wins.",
  maxConsecutiveLosingTrades: "The longest run of losses.",
  profitLossRatio: "Average profit over the size of the average loss.",
  winLossRatio: "Trades that won over trades that lost.",
  winRate: "Trades that won over closed trades.",
  lossRate: "Trades that lost or gained nothing over closed trades.",
  averageMAE: "Mean of how far trades went against their entry, dollars.",
  averageMFE: "Mean of how far trades went for their entry, dollars.",
  largestMAE: "The furthest that a trade went against its entry, dollars.",
  largestMFE: "The furthest that a trade went for its entry, dollars.",
  maximumClosedTradeDrawdown:
    "The deepest fall of the summed profits below their highest so far; zero or negative.",
  maximumIntraTradeDrawdown: "The same with the best moments in the peak and the worst in the fall.",
  profitLossStandardDeviation: "Deviation of the trades' profits, dollars.",
  profitLossDownsideDeviation: "Deviation of the losing trades about their own mean, dollars.",
  profitFactor: "Total profit over the size of total loss.",
  sharpeRatio: "Average profit over the deviation of profits: of a trade, not of a year.",
  sortinoRatio: "Average profit over the downside deviation: of a trade, not of a year.",
  profitToMaxDrawdownRatio: "Total profit and loss over the size of the closed-trade drawdown.",
  maximumEndTradeDrawdown: "The most that a trade gave back of its best moment; zero or negative.",
  averageEndTradeDrawdown: "What trades gave back of their best moments on average; zero or negative.",
  maximumDrawdownDuration: "The longest time between two peaks of the summed profits with a loss in between.",
  totalFees: "Of the closed trades, dollars."
} as const

/** By the names of `statistics`. */
export const accountDefinitions: ReadonlyMap<string, string> = new Map(Object.entries(account))

/** By the names of `tradeStatistics`. */
export const tradeDefinitions: ReadonlyMap<string, string> = new Map(Object.entries(trades))

/** Names of `portfolioStatistics` that are not those of `statistics` in another spelling. */
const portfolioNames: ReadonlyMap<string, string> = new Map([
  ["averageWinRate", "Average Win"],
  ["averageLossRate", "Average Loss"],
  ["profitLossRatio", "Profit-Loss Ratio"],
  ["totalNetProfit", "Net Profit"],
  ["valueAtRisk99", "Value At Risk 99"],
  ["valueAtRisk95", "Value At Risk 95"]
])

/** Of a name of `portfolioStatistics`: "sharpeRatio" is "Sharpe Ratio". */
export const portfolioDefinition = (name: string): string | undefined =>
  accountDefinitions.get(
    portfolioNames.get(name) ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replace(/[A-Z]/gu, " $&")}`
  )
