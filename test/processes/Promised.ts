/** What a desk owes to those who asked: each answer they had still holds, and what had no answer is in one state. */
import { isTerminal, type Order } from "../../src/domain/Order.ts"
import type { Act } from "./ActLog.ts"
import type { Evidence } from "./Evidence.ts"

/** How an order stands in the journal, from its lines alone. */
const wayOf = ({ lines }: Evidence, id: string): ReadonlyArray<string> =>
  lines.flatMap(({ event }) => ("clientOrderId" in event && event.clientOrderId === id ? [event._tag] : []))

const orderProblem = (
  evidence: Evidence,
  { answer, intent }: Act,
  order: Order | undefined
): string | undefined => {
  const id = intent.order ?? ""
  const way = wayOf(evidence, id)
  const said = `${id} (answered ${answer?.outcome ?? "nothing"} ${answer?.status ?? ""}; ${way.join(" ")})`
  const isAtVenue = evidence.record.some(
    ({ _tag, clientOrderId }) => clientOrderId === id && _tag === "OrderAccepted"
  )
  const asked = way.filter((tag) => tag === "OrderInitialized").length
  if (asked > 1) return `${said} was journaled twice`
  if (order === undefined) {
    if (asked > 0 || isAtVenue) return `${said} is in no list of orders`
    return answer === undefined ||
      !["done", "OrderDenied", "OrderRejected", "OrderOutcomeUnknown"].includes(answer.outcome)
      ? undefined
      : `${said} is lost`
  }
  const ends = way.filter((tag) =>
    ["OrderDenied", "OrderRejected", "OrderCanceled", "OrderExpired"].includes(tag)
  )
  if (ends.length > 1) return `${said} ended more than once`
  if (isAtVenue && (order.status === "Denied" || order.status === "Rejected")) {
    return `${said} is ${order.status} and was accepted by the venue`
  }
  switch (answer?.outcome) {
    case "OrderDenied":
      return order.status === "Denied" ? undefined : `${said} is ${order.status}`
    case "OrderRejected":
      return order.status === "Rejected" ? undefined : `${said} is ${order.status}`
    case "done": {
      if (!isAtVenue) return `${said} never reached the venue`
      const { filled = 0, status } = answer
      if (order.filledQuantity < filled) return `${said} has lost fills`
      return status !== undefined &&
        isTerminal(status) &&
        (status !== order.status || filled !== order.filledQuantity)
        ? `${said} was ${status} and is ${order.status}`
        : undefined
    }
    default:
      return undefined
  }
}

/** A deposit or withdrawal that was answered is in the journal once; one that was not, at most once. */
const cashProblem = ({ lines }: Evidence, { answer, intent }: Act): string | undefined => {
  const { n } = intent
  const amount = Number(intent.amount ?? 0)
  const tag = amount > 0 ? "CashDeposited" : "CashWithdrawn"
  const times = lines.filter(({ event }) => event._tag === tag && event.amount === Math.abs(amount)).length
  const owed = answer === undefined ? times <= 1 : times === (answer.outcome === "done" ? 1 : 0)
  return owed
    ? undefined
    : `cash act ${n} (${amount}, answered ${answer?.outcome}) is in the journal ${times} times`
}

export const brokenPromises = (evidence: Evidence, acts: ReadonlyArray<Act>): ReadonlyArray<string> => {
  const orders = new Map<string, Order>(evidence.orders.map((order) => [order.clientOrderId, order]))
  const problems = acts.map((act) => {
    if (act.intent.kind === "submit") return orderProblem(evidence, act, orders.get(act.intent.order ?? ""))
    return act.intent.kind === "cash" ? cashProblem(evidence, act) : undefined
  })
  // And nobody else asked for anything: a bracket's exits are named after their entry.
  const asked = new Set(acts.flatMap(({ intent }) => (intent.order === undefined ? [] : [intent.order])))
  const strangers = evidence.orders.filter(
    ({ clientOrderId, parent }) => !asked.has(clientOrderId) && (parent === undefined || !asked.has(parent))
  )
  return [
    ...problems.flatMap((problem) => (problem === undefined ? [] : [problem])),
    ...strangers.map(({ clientOrderId }) => `nobody asked for ${clientOrderId}`)
  ]
}
