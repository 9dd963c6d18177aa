/**
 * An account with options, worked out by hand: whole micros of a dollar in
 * bigints, one line a rule, nothing of the desk's code. ACME is a share, SPX an
 * index whose options pay cash, some of them in the morning.
 */
export interface NaiveOption {
  readonly on: "ACME" | "SPX"
  readonly call: boolean
  /** Micros a share. */
  readonly strike: bigint
  readonly expiry: string
  readonly morning: boolean
  /** Contracts, below zero when short. */
  readonly held: bigint
  /** Whole shares that one is for, and micros of cash that go with them. */
  readonly shares: bigint
  readonly extra: bigint
  /** Last price, micros a share. */
  readonly mark: bigint
}

export interface NaiveAccount {
  readonly cash: bigint
  readonly shares: bigint
  readonly options: ReadonlyArray<NaiveOption>
}

/** Micros a share; a day without prices has none. */
export interface NaiveDay {
  readonly date: string
  /** Days since the session before. */
  readonly nights: bigint
  readonly acme: { readonly open: bigint; readonly close: bigint } | undefined
  readonly spx: { readonly open: bigint; readonly close: bigint }
  readonly split: { readonly n: bigint; readonly d: bigint } | undefined
  readonly dividend: bigint
}

const M = 1_000_000n
const CENT = 10_000n
const abs = (a: bigint): bigint => (a < 0n ? -a : a)
const max0 = (a: bigint): bigint => (a > 0n ? a : 0n)

/** a ÷ b, the half to the even neighbour. */
export const halfEven = (a: bigint, b: bigint): bigint => {
  const [whole, twice] = [abs(a) / b, (abs(a) % b) * 2n]
  const up = twice > b || (twice === b && whole % 2n === 1n) ? 1n : 0n
  return a < 0n ? -(whole + up) : whole + up
}

/** a ÷ b to the nearest cent, the half up; a cent at least. */
const cents = (a: bigint, b: bigint): bigint => {
  const nearest = (a * 2n + b * CENT) / (b * CENT * 2n)
  return (nearest > 1n ? nearest : 1n) * CENT
}

export const worth = (o: NaiveOption, spot: bigint): bigint => {
  const difference = o.shares * spot + o.extra - o.strike * 100n
  return max0(o.call ? difference : -difference)
}

/** The shares change hands at the strike, for the cash that goes with them; an index pays the difference. */
const exercised = (account: NaiveAccount, o: NaiveOption, spot: bigint): NaiveAccount => {
  if (o.on === "SPX") return { ...account, cash: account.cash + o.held * worth(o, spot) }
  const sign = o.call ? o.held : -o.held
  return {
    ...account,
    cash: account.cash - sign * (o.strike * 100n - o.extra),
    shares: account.shares + sign * o.shares
  }
}

const without = (account: NaiveAccount, o: NaiveOption): NaiveAccount => ({
  ...account,
  options: account.options.filter((other) => other !== o)
})

const settle = (account: NaiveAccount, due: (o: NaiveOption) => bigint | undefined): NaiveAccount =>
  account.options.reduce((so, o) => {
    const spot = due(o)
    if (spot === undefined) return so
    const gone = without(so, o)
    // A cent a share in the money, or more.
    return worth(o, spot) >= 100n * CENT ? exercised(gone, o, spot) : gone
  }, account)

const isSpecial = (dividend: bigint, close: bigint): boolean => dividend > 0n && dividend * 10n >= close

/** Whoever holds what we are short of exercises where it pays him, on the prices of the close before. */
const night = (account: NaiveAccount, day: NaiveDay, close: bigint): NaiveAccount =>
  account.options.reduce((so, o) => {
    if (o.on === "SPX" || o.held > 0n || worth(o, close) === 0n || o.expiry < day.date) return so
    const timeValue = o.mark * 100n - worth(o, close)
    const dividend = isSpecial(day.dividend, close) ? 0n : day.dividend * o.shares
    // The federal funds target of that March, 5.375%.
    const interest = (o.strike * 100n * 5375n * day.nights) / (100_000n * 365n)
    const pays = o.call ? dividend > 0n && timeValue < dividend : timeValue + dividend < interest
    return pays ? exercised(without(so, o), o, close) : so
  }, account)

const isAlike = (a: NaiveOption, b: NaiveOption): boolean =>
  a.on === b.on &&
  a.call === b.call &&
  a.strike === b.strike &&
  a.expiry === b.expiry &&
  a.shares === b.shares &&
  a.extra === b.extra

/** Contracts that rounding has given the same terms are one from then on; their mark is the close's, which is to come. */
const united = (options: ReadonlyArray<NaiveOption>): ReadonlyArray<NaiveOption> =>
  options
    .reduce<ReadonlyArray<NaiveOption>>((so, o) => {
      const alike = so.find((other) => isAlike(o, other))
      return alike === undefined
        ? [...so, o]
        : so.map((other) => (other === alike ? { ...other, held: other.held + o.held } : other))
    }, [])
    .filter(({ held }) => held !== 0n)

const changed = (account: NaiveAccount, change: (o: NaiveOption) => NaiveOption): NaiveAccount => ({
  ...account,
  options: united(account.options.map((o) => (o.on === "ACME" ? change(o) : o)))
})

/** A strike falls by a special dividend, to a cent at least; what is left of it goes with the shares. */
const lowered = (o: NaiveOption, dividend: bigint): NaiveOption => {
  const left = o.strike - halfEven(dividend * o.shares, 100n)
  return left >= CENT
    ? { ...o, strike: cents(left, 1n) }
    : { ...o, strike: CENT, extra: o.extra + (CENT - left) * 100n }
}

const paid = (account: NaiveAccount, { dividend }: NaiveDay, close: bigint): NaiveAccount => {
  const after = isSpecial(dividend, close) ? changed(account, (o) => lowered(o, dividend)) : account
  return { ...after, cash: after.cash + dividend * account.shares }
}

const split = (account: NaiveAccount, day: NaiveDay, close: bigint): NaiveAccount => {
  if (day.split === undefined) return account
  const { d, n } = day.split
  const after = halfEven(close * d, n)
  const size = halfEven(account.shares * M * n, d)
  const opening = day.acme?.open ?? after
  return changed(
    { ...account, shares: size / M, cash: account.cash + halfEven((size % M) * after, M) },
    (o) =>
      n % d === 0n
        ? {
            ...o,
            strike: cents(o.strike, n / d),
            held: (o.held * n) / d,
            extra: halfEven(o.extra * d, n),
            mark: halfEven(o.mark * d, n)
          }
        : { ...o, shares: (o.shares * n) / d, extra: o.extra + halfEven(opening * ((o.shares * n) % d), d) }
  )
}

/** One session, from the night before it to its close; `close` is the last price of a share before it. */
export const naiveDay = (account: NaiveAccount, day: NaiveDay, close: bigint): NaiveAccount => {
  const opened = split(paid(night(account, day, close), day, close), day, close)
  const { acme, spx } = day
  const inTheMorning = settle(opened, (o) => {
    if (o.on === "SPX") return o.morning && o.expiry === day.date ? spx.open : undefined
    return o.expiry < day.date ? acme?.open : undefined
  })
  return settle(inTheMorning, (o) => {
    if (o.expiry !== day.date || o.morning) return undefined
    return o.on === "SPX" ? spx.close : acme?.close
  })
}
