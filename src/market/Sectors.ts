/**
 * Which sector an instrument is in, for exposures.
 *
 * A small table of symbols that often come up, and beside it what a project
 * says in `plimsoll.json` ("instruments"), which wins. Whatever neither names
 * is unclassified. Shares go by the sectors index providers use; a fund that
 * holds one sector counts as that sector, others by what they hold.
 */
import { Context, Layer } from "effect"

/** The sector of what no table names. */
export const UNCLASSIFIED = "unclassified"

const bySector: ReadonlyArray<readonly [sector: string, symbols: string]> = [
  ["Index", "SPX-REPLAY SPX NDX RUT DJI VIX"],
  ["Broad market ETF", "SPY IVV VOO VTI QQQ DIA IWM MDY RSP SSO SDS SPXL SPXS TQQQ SQQQ"],
  ["International ETF", "EEM EFA VEA VWO EWJ EWZ EWG EWU FXI INDA ACWI"],
  ["Bond ETF", "AGG BND TLT IEF SHY LQD HYG JNK TIP BIL SHV"],
  ["Commodity ETF", "GLD IAU SLV USO BNO UNG DBC GDX"],
  ["Currency ETF", "UUP FXE FXY FXB"],
  ["Volatility", "VXX VIXY UVXY SVXY VXZ"],
  ["Technology", "AAPL MSFT NVDA AVGO ORCL IBM INTC AMD CSCO QCOM TXN ADBE CRM MU AMAT XLK SMH"],
  ["Communication services", "GOOG GOOGL GOOCV META FB NFLX DIS CMCSA VZ T TMUS TWX FOXA NWSA XLC"],
  ["Consumer discretionary", "AMZN TSLA HD MCD NKE SBUX LOW GM F BKNG TGT XLY"],
  ["Consumer staples", "PG KO PEP WMT COST PM MO CL KHC XLP"],
  ["Energy", "XOM CVX COP SLB EOG OXY XLE"],
  ["Financials", "JPM BAC WFC C GS MS AIG BLK AXP V MA BRK/A BRK/B NB XLF"],
  ["Health care", "JNJ UNH PFE MRK ABBV LLY TMO ABT BMY AMGN GILD XLV IBB"],
  ["Industrials", "BA CAT GE HON MMM UPS FDX LMT RTX UNP DE WM WMI XLI"],
  ["Materials", "LIN FCX NEM DD DOW APD XLB"],
  ["Real estate", "AMT PLD CCI SPG O VNQ XLRE"],
  ["Utilities", "NEE DUK SO D AEP XLU"]
]

const builtIn: ReadonlyMap<string, string> = new Map(
  bySector.flatMap(([sector, symbols]) => symbols.split(" ").map((symbol) => [symbol, sector] as const))
)

/** What a project says of its instruments, by symbol. */
export type InstrumentNotes = ReadonlyMap<string, { readonly sector: string }>

/** The root of an option's symbol: its underlying, "SPY" of "SPY 240119C00450000". */
const rootOf = (symbol: string): string => symbol.split(" ")[0] ?? symbol

/** The sector of a symbol; an option's is its underlying's unless the option itself is named. */
export const sectorOf = (symbol: string, notes: InstrumentNotes): string => {
  for (const name of [symbol, rootOf(symbol)]) {
    const found = notes.get(name)?.sector ?? builtIn.get(name)
    if (found !== undefined) return found
  }
  return UNCLASSIFIED
}

export class Sectors extends Context.Service<
  Sectors,
  {
    readonly sectorOf: (symbol: string) => string
  }
>()("plimsoll/market/Sectors") {
  static readonly layer = (notes: InstrumentNotes = new Map()): Layer.Layer<Sectors> =>
    Layer.succeed(Sectors, { sectorOf: (symbol) => sectorOf(symbol, notes) })
}
