import { expect, it } from "@effect/vitest"
import { Redacted, Result } from "effect"
import { parseAddress } from "../../src/storage/PostgresAddress.ts"

const parse = (url: string) => parseAddress("PLIMSOLL_DATABASE_URL", Redacted.make(url))

it.each([
  ["postgres://me:pw@db.example:6543/desks", "schema plimsoll of me@db.example:6543/desks", "plimsoll"],
  ["postgresql://me@localhost/desks?schema=second", "schema second of me@localhost:5432/desks", "second"],
  [
    "postgres:///desks?host=/run/pg&user=me&password=pw",
    "schema plimsoll of me@/run/pg:5432/desks",
    "plimsoll"
  ],
  ["postgres://a%40b:p%40w@h/d%20e?sslmode=require", "schema plimsoll of a@b@h:5432/d e", "plimsoll"]
])("an address is shown without its password: %s", (url, shown, schema) => {
  const address = Result.getOrThrow(parse(url))
  expect({ shown: address.shown, schema: address.schema }).toEqual({ shown, schema })
  expect(JSON.stringify(address)).not.toContain("pw")
})

it.each([
  ["secret", "no PostgreSQL URL"],
  ["mysql://me:secret@h/d", "no PostgreSQL URL"],
  ["postgres://me:secret@h:99999/d", "no PostgreSQL URL"],
  ["postgres://me:secret%@h/d", "%25"],
  ["postgres://me:secret@h/d?shcema=x", "a parameter that is not known"],
  ["postgres://me:secret@h/d?schema=Mine", "its schema"],
  ["postgres://me:secret@h/d?schema=pg_mine", "its schema"],
  ["postgres://me:secret@h/d?schema=x;drop", "its schema"],
  ["postgres://me:secret@h/d?sslmode=maybe", "its sslmode"],
  ["postgres://me:secret@h/d?connect_timeout=soon", "its connect_timeout"],
  ["postgres://me:secret@h/d?port=0", "its port"]
])("an address that cannot be used is refused in one line that says what is expected: %s", (url, problem) => {
  const { message } = Result.getOrThrow(Result.flip(parse(url)))
  expect(message).toContain(problem)
  expect(message).toMatch(
    /^PLIMSOLL_DATABASE_URL cannot be used: .*; expected postgres:\/\/USER:PASSWORD@HOST/u
  )
  expect(message).not.toContain("secret")
  expect(message).not.toContain("\n")
})
