/**
 * What the project's `plimsoll.json` asks for as limits, where it is the file
 * that this desk was last opened with: then all of it has been decoded by its
 * schema before, and what it says of limits is checked again here.
 */
import { isObject, oneOf } from "../../../domain/Guard.ts"
import { isStrictRiskLimits } from "../../../risk/LimitsGuard.ts"
import { deskProfile, profiles } from "../../../risk/LimitsProfile.ts"
import { completeLimits, type RiskLimits, withOverrides } from "../../../risk/RiskLimits.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { readTextFile } from "../../ReadTextFile.ts"

const textOf = (path: string): string | undefined => {
  try {
    return readTextFile(path)
  } catch {
    return undefined
  }
}

/** Those that a desk may name (`DeskConfig.ts`). */
const isProfile = oneOf("desk", "single-index")

const limitsIn = (text: string): RiskLimits | undefined => {
  const config: unknown = JSON.parse(text)
  if (!isObject(config)) return undefined
  const { limits = {} } = config
  if (!isObject(limits)) return undefined
  const { profile = deskProfile.name, ...overrides } = limits
  if (!isProfile(profile)) return undefined
  const base = profiles.get(profile) ?? deskProfile
  const merged: unknown = withOverrides(base.limits, overrides)
  return isStrictRiskLimits(merged) ? completeLimits(merged) : undefined
}

/** Undefined where the file has to be decoded by its schema first. */
export const limitsAsked = ({ config, lastConfig }: DeskFolder): RiskLimits | undefined => {
  const text = textOf(config)
  if (text === undefined || text !== textOf(lastConfig)) return undefined
  try {
    return limitsIn(text)
  } catch {
    return undefined
  }
}
