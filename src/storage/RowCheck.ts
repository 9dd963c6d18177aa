/** Every row of a desk's database held against its checksum, on whichever database. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Catalog from "./Catalog.ts"
import { eachPage } from "./Copy.ts"
import * as Tables from "./Tables.ts"

const sealed = new Map(Object.values(Tables).map(({ name, verify }) => [name, verify]))

/** Reads all of it and changes nothing; fails with the first row that cannot be believed. Gives how many there are. */
export const checkRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  let rows = 0
  for (const table of yield* Catalog.tables) {
    const verify = sealed.get(table.name)
    if (verify === undefined) continue
    yield* eachPage(sql, table, (page) =>
      Effect.map(Effect.forEach(page, verify, { discard: true }), () => {
        rows += page.length
      })
    )
  }
  return rows
}).pipe(Effect.withSpan("RowCheck.checkRows"))
