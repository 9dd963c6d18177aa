/** Did the hook allow exactly this call? */
import type { QuoteId } from "../../domain/Identifiers.ts"
import { MICROS_PER_SECOND } from "../../domain/Timestamp.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import { PERMIT_LIFE_MICROS } from "../PermitSeen.ts"
import type { RiskSnapshot } from "../RiskSnapshot.ts"
import { deny, isMissing, pass, type Rule } from "./Ruling.ts"

const measured = { rule: "permit", unit: "none" } as const

const verdictOf = ({ permit: seen, steadyNow }: RiskSnapshot): Verdict => {
  switch (seen?.required) {
    case undefined:
      return deny(measured, "Whether the order needs a permit is missing.")
    case false:
      return pass(
        measured,
        "No permit is needed: it is an order by hand, one of a run, a preview, or this desk's server asks for none."
      )
    case true:
      break
  }
  const given = seen.permit
  if (given === undefined) {
    return deny(
      measured,
      "No permit: the hook risk-validator did not allow this call. It is not configured, was disabled or crashed, or the permit was used already. Nothing is ordered without it; plimsoll doctor shows what is wrong."
    )
  }
  if (given.tool !== seen.tool || given.argumentsHash !== seen.argumentsHash || seen.argumentsHash === "") {
    return deny(
      measured,
      `The permit is for other arguments or another tool (${given.tool}): what the hook risk-validator allowed is not what was asked for. Ask again.`
    )
  }
  const age = (steadyNow ?? Number.NaN) - given.steadyAt
  if (isMissing(age)) return deny(measured, "The age of the permit is missing.")
  const aged = {
    rule: "permit",
    unit: "seconds",
    value: age / MICROS_PER_SECOND,
    limit: PERMIT_LIFE_MICROS / MICROS_PER_SECOND
  } as const
  if (age < 0) return deny(aged, "The permit was given later than now: it is none. Ask again.")
  return age <= PERMIT_LIFE_MICROS
    ? pass(aged, "The hook risk-validator allowed this call.")
    : deny(
        aged,
        `The permit is ${aged.value} s old, more than ${aged.limit} s: ask for a new quote, decide again and order again.`
      )
}

/**
 * Clock: steady, because a permit lives as long as a person may think, however
 * the market's replay is paused or sped up meanwhile.
 */
export const permit: Rule = ({ snapshot }) => verdictOf(snapshot)

/** The quote that a permit vouches for; undefined without a permit that is good for this call. */
export const permittedQuote = (snapshot: RiskSnapshot): QuoteId | undefined =>
  snapshot.permit?.required === true && verdictOf(snapshot).outcome === "pass"
    ? snapshot.permit.permit?.quoteId
    : undefined
