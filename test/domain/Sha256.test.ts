import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { sha256 } from "../../src/domain/Sha256.ts"

const byNode = (text: string): string => createHash("sha256").update(text).digest("hex")

describe("sha256", () => {
  it("gives the published values (FIPS 180-2, appendix B)", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    expect(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    expect(sha256("a".repeat(1_000_000))).toBe(
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    )
  })

  it("is Node's own for every length around the ends of a block", () => {
    for (let length = 0; length < 300; length++) {
      expect(sha256("é".repeat(length >> 1) + "x".repeat(length & 1))).toBe(
        byNode("é".repeat(length >> 1) + "x".repeat(length & 1))
      )
    }
  })

  it.prop("is Node's own for any text", [Schema.String], ([text]) => {
    expect(sha256(text)).toBe(byNode(text))
  })
})
