"""Long while a short mean of closes is above a long one, else in cash.

The rule of Plimsoll's own sma-cross, for QuantConnect's LEAN: decided on the
close, filled at the next open. Prices are raw and dividends are paid in cash,
as in Plimsoll's books.

Run it: plimsoll backtest run sma-cross-lean --param fast=8
"""

from AlgorithmImports import *


class SmaCross(QCAlgorithm):
    def initialize(self) -> None:
        self.set_start_date(*self._date("start", "2010-01-04"))
        self.set_end_date(*self._date("end", "2019-12-31"))
        self.set_cash(100_000)
        fast = self.get_parameter("fast", 10)
        slow = self.get_parameter("slow", 50)
        ticker = self.get_parameter("symbol", "SPY")
        self._symbol = self.add_equity(
            ticker,
            Resolution.DAILY,
            data_normalization_mode=DataNormalizationMode.RAW,
        ).symbol
        self._fast = self.sma(self._symbol, fast, Resolution.DAILY)
        self._slow = self.sma(self._symbol, slow, Resolution.DAILY)
        self.set_benchmark(self._symbol)
        self.set_warm_up(slow, Resolution.DAILY)
        self._month = 0

    def on_data(self, data: Slice) -> None:
        if self.is_warming_up or not self._slow.is_ready:
            return
        self._tell()
        if self.transactions.get_open_orders(self._symbol):
            return
        is_above = self._fast.current.value > self._slow.current.value
        if is_above and not self.portfolio.invested:
            self.set_holdings(self._symbol, 1, tag=self._reason("Above"))
        elif not is_above and self.portfolio.invested:
            self.liquidate(self._symbol, tag=self._reason("Not above"))

    def _tell(self) -> None:
        """A line a month: dates in the log are how far a run is."""
        if self.time.month == self._month:
            return
        self._month = self.time.month
        self.log(f"{self.time:%Y-%m-%d} equity {self.portfolio.total_portfolio_value:.2f}")

    def _reason(self, where: str) -> str:
        return f"{where}: {self._fast.current.value:.2f} against {self._slow.current.value:.2f}"

    def _date(self, name: str, default: str) -> tuple[int, int, int]:
        year, month, day = self.get_parameter(name, default).split("-")
        return int(year), int(month), int(day)
