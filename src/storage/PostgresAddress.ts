/** The address of a desk on a PostgreSQL server: a URL, of which the password is never shown. */
import { Redacted, Result, Schema } from "effect"

/** The address cannot be used. The message never holds it, nor any part that may be a password. */
export class DatabaseUrlInvalid extends Schema.TaggedError<DatabaseUrlInvalid>()("DatabaseUrlInvalid", {
  message: Schema.String
}) {}

export interface PostgresAddress {
  /** As it was given. */
  readonly url: Redacted.Redacted
  /** Of the desk's tables. */
  readonly schema: string
  /** For people: without the password. */
  readonly shown: string
}

const DEFAULT_SCHEMA = "plimsoll"

const FORM = "postgres://USER:PASSWORD@HOST:5432/DATABASE?schema=plimsoll"

/** What a URL may say after its question mark; a misspelt word must not mean something else. */
const known: ReadonlySet<string> = new Set([
  "schema",
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "application_name",
  "connect_timeout",
  "sslmode"
])

const sslModes: ReadonlySet<string> = new Set([
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full"
])

/** Small letters, so that it is the same name quoted and unquoted; the server keeps pg_ for itself. */
const isSchema = (name: string): boolean =>
  /^[a-z_][a-z0-9_]{0,62}$/u.test(name) && !name.startsWith("pg_") && name !== "information_schema"

const parsed = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)

const canDecode = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const problemOf = (url: URL | undefined): string | undefined => {
  if (url === undefined || (url.protocol !== "postgres:" && url.protocol !== "postgresql:"))
    return "it is no PostgreSQL URL"
  if (![url.username, url.password, url.hostname, url.pathname].every(canDecode))
    return "a % in it is not followed by two hexadecimal digits (write %25 for a percent sign)"
  const query = url.searchParams
  const stranger = [...query.keys()].find((key) => !known.has(key))
  if (stranger !== undefined)
    return `it has a parameter that is not known (known are ${[...known].join(", ")})`
  const port = query.get("port")
  if (port !== null && !/^[1-9]\d{0,4}$/u.test(port)) return "its port is no number"
  const timeout = query.get("connect_timeout")
  if (timeout !== null && !/^\d{1,4}$/u.test(timeout)) return "its connect_timeout is no number of seconds"
  const mode = query.get("sslmode")
  if (mode !== null && !sslModes.has(mode)) return `its sslmode is none of ${[...sslModes].join(", ")}`
  const schema = query.get("schema")
  if (schema !== null && !isSchema(schema))
    return "its schema is no name of small letters, digits and _ that does not begin with a digit or pg_"
  return undefined
}

const shownAs = (url: URL, schema: string): string => {
  const query = url.searchParams
  const user = url.username === "" ? (query.get("user") ?? "") : decodeURIComponent(url.username)
  const host = query.get("host") ?? (url.hostname === "" ? "localhost" : url.hostname)
  const port = query.get("port") ?? (url.port === "" ? "5432" : url.port)
  const database = query.get("dbname") ?? decodeURIComponent(url.pathname.slice(1))
  return `schema ${schema} of ${user === "" ? "" : `${user}@`}${host}:${port}/${database}`
}

/** The address that `name`, an environment variable or a flag, holds. */
export const parseAddress = (
  name: string,
  url: Redacted.Redacted
): Result.Result<PostgresAddress, DatabaseUrlInvalid> => {
  const read = parsed(Redacted.value(url))
  const problem = problemOf(read)
  if (read === undefined || problem !== undefined) {
    return Result.fail(
      new DatabaseUrlInvalid({ message: `${name} cannot be used: ${problem}; expected ${FORM}` })
    )
  }
  const schema = read.searchParams.get("schema") ?? DEFAULT_SCHEMA
  return Result.succeed({ url, schema, shown: shownAs(read, schema) })
}
