/** What the portfolio server gives by address: the portfolio, the limits, one order, the audit log's head. */
import { Effect, Schema } from "effect"
import { AuditLog } from "../../../audit/AuditLog.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { limitRows } from "../../cli/LimitsText.ts"
import { explainOrder } from "../broker/LookTools.ts"
import { short } from "../broker/OrderRow.ts"
import type { DeskServices } from "../kit/OpenedDesk.ts"
import type { Resource } from "../kit/Resource.ts"
import { innerCall, type Tool } from "../kit/Tool.ts"
import { getPortfolioSummary } from "./SummaryTool.ts"

/** What the resource shows cannot be had; the message is the tool's own. */
export class ResourceFailed extends Schema.TaggedError<ResourceFailed>()("ResourceFailed", {
  message: Schema.String
}) {}

/** What a tool answers, as a resource. */
const answerOf = Effect.fnUntraced(function* (
  tool: Tool<DeskServices>,
  wireArguments: Readonly<Record<string, unknown>>
) {
  const { content, isError, structuredContent } = yield* tool.call(innerCall(wireArguments))
  if (isError !== true) return structuredContent
  const [first] = content
  return yield* new ResourceFailed({ message: first?.type === "text" ? first.text : "it cannot be read" })
})

const limits = Effect.gen(function* () {
  const inForce = yield* DeskView.use((view) => view.limits)
  const { candidateHash, differences, hash, profile } = inForce
  return {
    profile,
    hash,
    candidateHash,
    limits: limitRows(inForce).map((row) => ({
      limit: row.field,
      inForce: short(row.inForce),
      sealed: short(row.sealed),
      file: short(row.file),
      direction: row.direction
    })),
    /** Looser values in plimsoll.json, which wait for a person. */
    pending: differences.filter(({ direction }) => direction === "looser").map(({ field }) => field)
  }
})

const auditHead = Effect.map(
  AuditLog.use((log) => log.head),
  ({ count, hash, segment }) => ({ entries: count, hash, segment: segment === "" ? null : segment })
)

export const portfolioResources: ReadonlyArray<Resource<DeskServices>> = [
  {
    uri: "plimsoll://portfolio",
    name: "portfolio",
    title: "Portfolio",
    description: "What get_portfolio_summary answers.",
    read: () => answerOf(getPortfolioSummary, {})
  },
  {
    uri: "plimsoll://limits",
    name: "limits",
    title: "Limits",
    description: "The limits in force, sealed and in plimsoll.json.",
    read: () => limits
  },
  {
    uri: "plimsoll://orders/{id}",
    name: "order",
    title: "Order",
    description: "What explain_order answers.",
    read: (id) => answerOf(explainOrder, { order_id: id })
  },
  {
    uri: "plimsoll://audit/head",
    name: "audit-head",
    title: "Audit head",
    description: "How many entries the audit log has, and the hash of the last.",
    read: () => auditHead
  }
]
