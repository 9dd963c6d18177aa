/**
 * The risk-free rate where no source brings one: the Federal Reserve's target
 * for the federal funds rate, the middle of its range since 2008, as it stood
 * on a date. It is a public decision, known on the day it was made.
 *
 * Source: Board of Governors of the Federal Reserve System, "Open Market
 * Operations", historical target rates. Taken as continuously compounded; the
 * true money-market conventions differ by less than a fifth of a point.
 */
import type { SessionDate } from "../domain/Timestamp.ts"

/** The date of each decision, and the target in percent from the day after. */
const FIRST = ["1997-03-25", 5.5] as const
const decisions: ReadonlyArray<readonly [date: string, percent: number]> = [
  FIRST,
  ["1998-09-29", 5.25],
  ["1998-10-15", 5],
  ["1998-11-17", 4.75],
  ["1999-06-30", 5],
  ["1999-08-24", 5.25],
  ["1999-11-16", 5.5],
  ["2000-02-02", 5.75],
  ["2000-03-21", 6],
  ["2000-05-16", 6.5],
  ["2001-01-03", 6],
  ["2001-01-31", 5.5],
  ["2001-03-20", 5],
  ["2001-04-18", 4.5],
  ["2001-05-15", 4],
  ["2001-06-27", 3.75],
  ["2001-08-21", 3.5],
  ["2001-09-17", 3],
  ["2001-10-02", 2.5],
  ["2001-11-06", 2],
  ["2001-12-11", 1.75],
  ["2002-11-06", 1.25],
  ["2003-06-25", 1],
  ["2004-06-30", 1.25],
  ["2004-08-10", 1.5],
  ["2004-09-21", 1.75],
  ["2004-11-10", 2],
  ["2004-12-14", 2.25],
  ["2005-02-02", 2.5],
  ["2005-03-22", 2.75],
  ["2005-05-03", 3],
  ["2005-06-30", 3.25],
  ["2005-08-09", 3.5],
  ["2005-09-20", 3.75],
  ["2005-11-01", 4],
  ["2005-12-13", 4.25],
  ["2006-01-31", 4.5],
  ["2006-03-28", 4.75],
  ["2006-05-10", 5],
  ["2006-06-29", 5.25],
  ["2007-09-18", 4.75],
  ["2007-10-31", 4.5],
  ["2007-12-11", 4.25],
  ["2008-01-22", 3.5],
  ["2008-01-30", 3],
  ["2008-03-18", 2.25],
  ["2008-04-30", 2],
  ["2008-10-08", 1.5],
  ["2008-10-29", 1],
  ["2008-12-16", 0.125],
  ["2015-12-16", 0.375],
  ["2016-12-14", 0.625],
  ["2017-03-15", 0.875],
  ["2017-06-14", 1.125],
  ["2017-12-13", 1.375],
  ["2018-03-21", 1.625],
  ["2018-06-13", 1.875],
  ["2018-09-26", 2.125],
  ["2018-12-19", 2.375],
  ["2019-07-31", 2.125],
  ["2019-09-18", 1.875],
  ["2019-10-30", 1.625],
  ["2020-03-03", 1.125],
  ["2020-03-15", 0.125],
  ["2022-03-16", 0.375],
  ["2022-05-04", 0.875],
  ["2022-06-15", 1.625],
  ["2022-07-27", 2.375],
  ["2022-09-21", 3.125],
  ["2022-11-02", 3.875],
  ["2022-12-14", 4.375],
  ["2023-02-01", 4.625],
  ["2023-03-22", 4.875],
  ["2023-05-03", 5.125],
  ["2023-07-26", 5.375],
  ["2024-09-18", 4.875],
  ["2024-11-07", 4.625],
  ["2024-12-18", 4.375]
]

export interface PolicyRate {
  /** Per 1.00 and year. */
  readonly rate: number
  /** When it was decided; dates after the table's last decision get that one's. */
  readonly decided: string
}

/** The target in force on a date: that of the last decision before it. */
export const policyRate = (date: SessionDate): PolicyRate => {
  const [decided, percent] = decisions.findLast(([on]) => on < date) ?? FIRST
  return { rate: percent / 100, decided }
}
