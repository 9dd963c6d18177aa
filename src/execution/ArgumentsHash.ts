/** What a permit is bound to. A hook computes it too, so nothing heavy is imported here. */
import canonicalize from "canonicalize"
import { sha256 } from "../domain/Sha256.ts"

/**
 * SHA-256, in hex, of `[tool, args]` in canonical JSON (RFC 8785): the order of
 * keys does not matter. `args` are the tool's arguments as they are on the
 * wire. Empty for what is no JSON (a lone surrogate, a NaN, nesting without
 * end): no permit is good for such a call.
 */
export const argumentsHashOf = (tool: string, args: unknown): string => {
  try {
    return sha256(canonicalize([tool, args]) ?? "")
  } catch {
    return ""
  }
}
