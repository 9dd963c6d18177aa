/** The command line on a desk that is on a server. */
import { mkdirSync, renameSync } from "node:fs"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { dropSchema, newSchema, onServer, urlOf } from "../../support/Postgres.ts"
import { describeWithPostgres } from "../../support/WithPostgres.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

// Every statement is a message to a server: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

const { folder } = inNewFolder()
const NAME = "PLIMSOLL_DATABASE_URL"

describeWithPostgres("the command line on a desk that is on a server", () => {
  const schema = newSchema()
  const url = new URL(urlOf(schema))
  url.password = "very-secret"

  beforeAll(() => {
    process.env[NAME] = url.href
  })
  afterAll(async () => {
    delete process.env[NAME]
    await Effect.runPromise(dropSchema(schema))
  })

  it("says where there is no desk yet, and makes nothing there", async () => {
    const { code, err } = await plimsoll(["status"])
    expect(code).toBe(1)
    expect(err).toMatch(
      new RegExp(`^plimsoll: there is no desk in schema ${schema} of .*: run plimsoll init\n$`, "u")
    )
    const found = await Effect.runPromise(onServer(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`))
    expect(found).toEqual([])
  })

  it("makes, trades, looks, halts and proves as on a file", async () => {
    expect((await plimsoll(["init"])).code).toBe(0)
    expect((await plimsoll(["init"])).out).toContain("is left as it is")
    expect((await plimsoll(["order", "buy", "AAPL", "5", "--yes"])).out).toContain("Filled")
    expect((await plimsoll(["status"])).out).toContain("AAPL  5")
    expect(await plimsollJson(["storage", "show"])).toMatchObject({
      kind: "postgres",
      version: expect.any(Number)
    })
    expect((await plimsoll(["halt", "a test"])).out).toContain("HALTED")
    expect((await plimsoll(["audit", "verify"])).out).toContain("is intact")
    const doctor = await plimsoll(["doctor"])
    expect(doctor.code).toBe(0)
    expect(doctor.out).toContain("fsync on, synchronous_commit on")
  })

  it("never shows the password", async () => {
    for (const args of [
      ["status"],
      ["storage", "show"],
      ["storage", "copy", "--to", "postgres"],
      ["doctor"]
    ]) {
      const { err, out } = await plimsoll(args)
      expect(out + err).not.toContain("very-secret")
    }
  })

  it("says where the desk is when the address is not given, and what to do when it is another's", async () => {
    delete process.env[NAME]
    const without = await plimsoll(["status"])
    expect(without.code).toBe(1)
    expect(without.err).toContain(`is in schema ${schema}`)
    expect(without.err).toContain(`set ${NAME}`)
    process.env[NAME] = url.href
    mkdirSync("other")
    process.chdir("other")
    const other = await plimsoll(["init"])
    process.chdir(folder())
    expect(other.code).toBe(1)
    expect(other.err).toContain("holds the desk of another folder")
  })

  it("finds each row that was spoiled, and each that is gone", async () => {
    const journal = `${schema}.journal`
    const database = async () => {
      const { findings } = Schema.decodeUnknownSync(
        Schema.Struct({
          findings: Schema.Array(Schema.Struct({ check: Schema.String, detail: Schema.String }))
        })
      )(await plimsollJson(["doctor"]))
      return findings.find(({ check }) => check === "database")?.detail
    }
    const lineTwo = (from: string, to: string) =>
      Effect.runPromise(
        onServer(`UPDATE ${journal} SET body = replace(body, '${from}', '${to}') WHERE sequence = 2`)
      )
    expect(await database()).toMatch(/^each of \d+ rows matches its checksum, and the journal \(\d+ lines\)/u)
    await lineTwo("CashDeposited", "CashWithdrawn")
    expect(await database()).toMatch(/^journal row 2 does not match its checksum/u)
    expect((await plimsoll(["doctor"])).code).toBe(1)
    await lineTwo("CashWithdrawn", "CashDeposited")
    expect(await database()).toMatch(/^each of/u)
    await Effect.runPromise(
      onServer(`CREATE TABLE ${schema}.aside AS SELECT * FROM ${journal} WHERE sequence = 3`)
    )
    await Effect.runPromise(onServer(`DELETE FROM ${journal} WHERE sequence = 3`))
    expect(await database()).toMatch(/^line 3 of the journal is not what the audit log says/u)
    await Effect.runPromise(onServer(`INSERT INTO ${journal} SELECT * FROM ${schema}.aside`))
    await Effect.runPromise(onServer(`DROP TABLE ${schema}.aside`))
    expect(await database()).toMatch(/^each of/u)
    expect((await plimsoll(["recover", "--check"])).err).toContain("restored from the server's backup")
  })

  it("does not begin a new desk on the log of one that was there", async () => {
    renameSync(".plimsoll/place.json", "place.json")
    for (const args of [["status"], ["init"], ["halt", "a test"]]) {
      const { code, err } = await plimsoll(args)
      expect(code).toBe(1)
      expect(err).toContain("place.json back from a copy")
    }
    renameSync("place.json", ".plimsoll/place.json")
    expect((await plimsoll(["status"])).code).toBe(0)
  })

  it("moves it into a file and back", async () => {
    expect((await plimsoll(["storage", "copy", "--to", "sqlite"])).out).toContain(
      "Unset PLIMSOLL_DATABASE_URL"
    )
    expect((await plimsoll(["status"])).err).toContain("unset it")
    delete process.env[NAME]
    expect((await plimsoll(["status"])).out).toContain("AAPL  5")
    const nowhere = await plimsoll(["storage", "copy", "--to", "postgres"])
    expect(nowhere.err).toContain(`set ${NAME}`)
    process.env[NAME] = url.href
    expect(await plimsollJson(["storage", "copy", "--to", "postgres"])).toMatchObject({
      tables: expect.arrayContaining([expect.objectContaining({ table: "journal" })])
    })
    expect((await plimsoll(["status"])).out).toContain("AAPL  5")
  })
})
