/** SQLite's result codes (https://sqlite.org/rescode.html). */
import { Predicate } from "effect"

export const sqliteCodes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26
}

/** The primary code of what `node:sqlite` throws; 0 of anything else. */
export const sqliteCode = (cause: unknown): number =>
  Predicate.hasProperty(cause, "errcode") && typeof cause.errcode === "number" ? cause.errcode & 0xff : 0
