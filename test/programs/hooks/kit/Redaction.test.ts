import { describe, expect, it } from "vitest"
import { redact, redactText } from "../../../../src/programs/hooks/kit/Redaction.ts"

describe("a secret", () => {
  it.each([
    "api_key",
    "apiKey",
    "X-API-KEY",
    "client_secret",
    "accessToken",
    "PASSWORD",
    "passwd",
    "Authorization",
    "set-cookie",
    "privateKeyPem"
  ])("is taken out by its name: %s", (name) => {
    expect(redact({ order: { [name]: "hunter2", list: [{ [name]: { deep: "hunter2" } }] } })).toEqual({
      order: { [name]: "[redacted]", list: [{ [name]: "[redacted]" }] }
    })
  })

  it.each([
    ["sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"],
    ["the key AKIAIOSFODNN7EXAMPLE was used", "the key [redacted] was used"],
    ["Authorization: Bearer abcdef0123456789.xyz", "Authorization: Bearer [redacted]"],
    ["postgres://trader:s3cr3t@db.example:5432/desk", "postgres://[redacted]@db.example:5432/desk"],
    ["redis://:p%40ss@localhost", "redis://[redacted]@localhost"],
    ["postgres://u:p@ss@db/x", "postgres://[redacted]@db/x"],
    ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[redacted]"],
    ["PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql"],
    ['{"client_secret": "hunter2"}', '{"client_secret": "[redacted]"}'],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "[redacted]"]
  ])("is taken out by its look: %s", (text, expected) => {
    expect(redactText(text)).toBe(expected)
    expect(redact([{ note: text }])).toEqual([{ note: expected }])
  })

  it("is not what an order is made of", () => {
    const order = {
      symbol: "SPX-REPLAY",
      side: "BUY",
      quantity: "2",
      limit_price: "1234.50",
      quote_id: "q_01JABCDEF0123456789",
      rationale: "Risk is back on: see https://example.com/a@b and mail me@example.com",
      filled: true,
      nothing: null
    }
    expect(redact(order)).toEqual(order)
  })
})

describe("what is written down", () => {
  it("is not nested without end", () => {
    let value: unknown = "deep"
    for (let n = 0; n < 10_000; n++) value = [value]
    expect(JSON.stringify(redact(value))).toContain("nested too deeply")
  })

  it("is not long without end", () => {
    expect(redactText("x".repeat(1_000_000)).length).toBeLessThan(300_000)
  })
})
