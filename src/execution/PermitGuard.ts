/** Is it a permit that `PermitStore` would keep? In plain code, for a hook that must start at once. */
import type { Permit } from "./Permit.ts"

/** As `CallId` in `Permit.ts`. */
const CALL_ID = /^[\x21-\x7e]{1,200}$/u

/** Of an agent or a session. */
export const MAX_LABEL = 200
const isLabel = (label: string): boolean => label.length <= MAX_LABEL && isStorable(label)

/** No half of a character and no NUL: neither the audit log nor every database holds them. */
export const isStorable = (text: string): boolean => !/[\0\uD800-\uDFFF]/u.test(text)

/** Whether its call, agent and session are named as a client names them. */
export const isPermit = ({ agent, callId, sessionId }: Permit): boolean =>
  CALL_ID.test(callId) && isLabel(agent) && isLabel(sessionId)
