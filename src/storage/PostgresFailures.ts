/** Which of PostgreSQL's failures is which. Loads nothing of its client: SQLite's commands come by here too. */
import { Predicate } from "effect"
import { SqlError } from "effect/sql"

/** SQLSTATE, where the server has spoken (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const stateOf = (error: SqlError.SqlError): string => {
  const { cause } = error.reason
  return Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : ""
}

/** Shutting down, crashed, starting up; the session was ended for idling in a transaction. */
const goingAway: ReadonlySet<string> = new Set(["57P01", "57P02", "57P03", "57P05", "25P03"])

/** The session is over, or there was none. */
export const isLost = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "ConnectionError" || goingAway.has(stateOf(error))

/** The server is there and takes no connection just now: starting up, shutting down, or all are in use. */
export const isNotYet = (error: SqlError.SqlError): boolean => ["57P03", "53300"].includes(stateOf(error))

/** Given up in favour of another transaction. */
export const isConflict = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "SerializationError" || error.reason._tag === "DeadlockError"

const UNKNOWN = "outcome-unknown"

/** Marks a failure after which nobody knows whether the server did what it was told. */
export const asUnknown = (error: SqlError.SqlError): SqlError.SqlError =>
  new SqlError.SqlError({
    reason: new SqlError.ConnectionError({
      cause: error.reason.cause,
      message: error.message,
      operation: UNKNOWN
    })
  })

export const isUnknown = (error: SqlError.SqlError): boolean => error.reason.operation === UNKNOWN
