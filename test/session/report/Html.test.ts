import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { escapeText, html, trustedMarkup } from "../../../src/session/report/Html.ts"

const decode = (markup: string): string =>
  markup
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")

describe("html", () => {
  it("escapes text and numbers, keeps markup, and joins lists", () => {
    const cell = html`<i>${"a < b & c"}</i>`
    expect(html`<b>${[cell, "'", -1]}</b>`.markup).toBe("<b><i>a &lt; b &amp; c</i>&#39;-1</b>")
    expect(html`${trustedMarkup("<b>")}`.markup).toBe("<b>")
  })

  it("leaves the template's indentation out and a value's own alone", () => {
    // By another name the formatter leaves it as it is.
    const template = html
    expect(
      template`one

        two ${"a\n   b"}`.markup
    ).toBe("one\ntwo a\n   b")
  })

  it.prop(
    "no text can end an element or an attribute, and none is lost",
    [Schema.String],
    ([text]) => {
      const escaped = escapeText(text)
      expect(escaped).not.toMatch(/[<>"']/u)
      expect(escaped).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/u)
      expect(decode(escaped)).toBe(text.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}/gu, "\u{FFFD}"))
    },
    { arbitrary: { runs: 500 } }
  )

  it("control characters and halves of surrogate pairs are replaced", () => {
    expect(escapeText("a\u0000b\u001bc\ud800d\u{1F600}\n")).toBe("a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{1F600}\n")
  })
})
