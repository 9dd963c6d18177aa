/** Tests that need a PostgreSQL server: skipped without one, saying so; in CI its absence is a failure. */
import { describe, it } from "vitest"
import { hasPostgres, NO_POSTGRES } from "./Postgres.ts"
import { skippedName } from "./Shared.ts"

/** A group of tests that needs a server. */
export const describeWithPostgres = (name: string, body: () => void): void => {
  if (hasPostgres) {
    describe(name, body)
  } else if (process.env["CI"] === "true") {
    it(name, () => {
      throw new Error(`CI=true requires a server: ${NO_POSTGRES}`)
    })
  } else {
    it.skip(skippedName(name, NO_POSTGRES), () => {})
  }
}
