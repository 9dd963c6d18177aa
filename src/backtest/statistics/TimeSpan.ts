/** A duration as .NET writes it, and so LEAN: "00:00:00", "3.04:05:06", "00:00:00.5000000". */
import { MICROS_PER_SECOND } from "../../domain/Timestamp.ts"

const pad = (n: number, width = 2): string => String(n).padStart(width, "0")

/** Of microseconds, zero or more, rounded to one. */
export const timeSpan = (micros: number): string => {
  const whole = Math.round(micros)
  const seconds = Math.floor(whole / MICROS_PER_SECOND)
  const rest = whole - seconds * MICROS_PER_SECOND
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  const fraction = rest === 0 ? "" : `.${pad(rest, 6)}0`
  return `${days === 0 ? "" : `${days}.`}${clock.map((part) => pad(part)).join(":")}${fraction}`
}
