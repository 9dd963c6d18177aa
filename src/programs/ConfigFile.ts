/** `plimsoll.json` as it is now, and the limits it asks for. */
import { existsSync } from "node:fs"
import { Effect, Result } from "effect"
import { deskProfile, type LimitsProfile, profiles } from "../risk/LimitsProfile.ts"
import { decodeLimits, LimitsUnreadable, withOverrides } from "../risk/RiskLimits.ts"
import type { LimitsCandidate } from "../risk/SealedLimits.ts"
import { ConfigInvalid, decodeConfig, type DeskConfig, type LimitsConfig } from "./DeskConfig.ts"
import { CONFIG_FILE, type DeskFolder } from "./DeskFolder.ts"
import { readTextFile } from "./ReadTextFile.ts"

/** A configuration from a file, with the text it was in. */
export const readConfig = (
  path: string
): Result.Result<{ readonly config: DeskConfig; readonly text: string }, ConfigInvalid> => {
  const fail = (problem: string) => {
    const line = `${CONFIG_FILE}: ${problem}`
    return new ConfigInvalid({ file: CONFIG_FILE, problems: [line], message: line })
  }
  if (!existsSync(path)) return Result.fail(fail("there is no such file; plimsoll init writes one"))
  return Result.flatMap(
    Result.try({
      try: () => readTextFile(path),
      catch: (cause) => fail(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`)
    }),
    (text) => Result.map(decodeConfig(CONFIG_FILE, text), (config) => ({ config, text }))
  )
}

const profileOf = (limits: LimitsConfig | undefined): Result.Result<LimitsProfile, LimitsUnreadable> => {
  const { profile = deskProfile.name, ...overrides } = limits ?? {}
  const base = profiles.get(profile) ?? deskProfile
  return Result.map(decodeLimits(withOverrides(base.limits, overrides), CONFIG_FILE), (merged) => ({
    ...base,
    limits: merged
  }))
}

/** What the project's file asks for now: read at every use, so that a long-lived program sees a change. */
export const candidate = (folder: DeskFolder): Effect.Effect<LimitsCandidate, LimitsUnreadable> =>
  Effect.suspend(() => {
    const limits = Result.flatMap(
      Result.mapError(readConfig(folder.config), ({ message }) => {
        const line = message.split("\n")[0] ?? message
        return new LimitsUnreadable({
          source: CONFIG_FILE,
          field: "",
          message: `${line}. No order is accepted until it is mended.`
        })
      }),
      ({ config }) => profileOf(config.limits)
    )
    return Effect.fromResult(Result.map(limits, (profile) => ({ profile, source: CONFIG_FILE })))
  })
