/** Takes secrets out of what is written down. */
import { isObject } from "./Json.ts"

const REDACTED = "[redacted]"

/** Names whose values are secrets. Anything the desk calls so itself, such as a quote's id, is not among them. */
const SECRET_NAME = /key|secret|token|passw|passphrase|credential|authorization|cookie|private/iu

/** Secrets that look like themselves wherever they stand. */
const SECRET_TEXTS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bsk-[A-Za-z0-9_-]{16,}/gu, REDACTED],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu, REDACTED],
  [/\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}/gu, REDACTED],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/gu, REDACTED],
  [/\bAIza[A-Za-z0-9_-]{35}/gu, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/gu, REDACTED],
  [/\b(?<scheme>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/giu, `$<scheme> ${REDACTED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu, REDACTED],
  // An address with a password in it: everything up to the last @ before the host.
  [/\b(?<scheme>[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]{1,500}@/giu, `$<scheme>${REDACTED}@`],
  // An assignment in a text, such as PASSWORD=… or "api_key": "…".
  [
    /(?<name>[A-Za-z0-9_-]{0,60}(?:api_?key|secret|token|passw(?:or)?d|passphrase)[A-Za-z0-9_-]{0,60}["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/giu,
    `$<name>${REDACTED}`
  ]
]

/** Beyond this depth nothing is written down. */
const MAX_DEPTH = 32

/** More of one text is not written down. */
const MAX_CHARACTERS = 256 * 1024

export const redactText = (text: string): string =>
  SECRET_TEXTS.reduce(
    (rest, [pattern, instead]) => rest.replace(pattern, instead),
    text.length <= MAX_CHARACTERS
      ? text
      : `${text.slice(0, MAX_CHARACTERS)}… (${text.length} characters, cut)`
  )

/** The same value without its secrets. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === "string") return redactText(value)
  if (depth >= MAX_DEPTH && typeof value === "object" && value !== null) return "[nested too deeply]"
  if (Array.isArray(value)) return value.map((one: unknown) => redact(one, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      redactText(name),
      SECRET_NAME.test(name) && one !== null && one !== undefined && typeof one !== "boolean"
        ? REDACTED
        : redact(one, depth + 1)
    ])
  )
}
