/** A desk to be mishandled: in a folder of its own, laid out anew after every change, with files of every awkward kind. */
import { spawnSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { plimsoll } from "../programs/cli/InProcess.ts"
import { zipOf } from "../market/lean/Zip.ts"

const prices = `Date,Open,High,Low,Close,Volume
2020-01-02,100,101,99,100.5,1000
2020-01-03,100.5,102,100,101,1000
2020-01-06,101,103,100,102,1000
`

/** What a person could have put beside their desk. */
const layOut = (folder: string, fifo: string): void => {
  mkdirSync(join(folder, "folder"))
  mkdirSync(join(folder, "a b"))
  writeFileSync(join(folder, "prices.csv"), prices)
  writeFileSync(join(folder, "empty.csv"), "")
  writeFileSync(join(folder, "binary.csv"), Buffer.from([0, 255, 254, 10, 27, 91, 51, 49, 109]))
  symlinkSync(fifo, join(folder, "fifo"))
  symlinkSync("/dev/null", join(folder, "device"))
  symlinkSync("/dev/zero", join(folder, "endless"))
  symlinkSync("nowhere", join(folder, "dangling"))
  symlinkSync("loop", join(folder, "loop"))
  const daily = join(folder, "lean/equity/usa/daily")
  mkdirSync(daily, { recursive: true })
  writeFileSync(
    join(daily, "spy.zip"),
    zipOf(
      "spy.csv",
      "20200102 00:00,3200000,3210000,3190000,3205000,1000\n20200103 00:00,3205000,3210000,3190000,3200000,1000\n20200106 00:00,3200000,3210000,3190000,3205000,1000\n"
    )
  )
}

const must = async (args: ReadonlyArray<string>): Promise<string> => {
  const { code, err, out } = await plimsoll(args)
  if (code !== 0) throw new Error(`plimsoll ${args.join(" ")} ended with ${code}: ${err}`)
  return out
}

export interface SandboxDesk {
  readonly folder: string
  /** Ids of an order that works and of one that has filled. */
  readonly working: string
  readonly filled: string
  /** Everything that a command which is refused must leave alone. */
  readonly fingerprint: () => string
  /** As it was made. */
  readonly restore: () => void
  readonly remove: () => void
}

const query = `SELECT
  (SELECT max(sequence) FROM journal) AS journal,
  (SELECT count || hash FROM audit_head) AS audit,
  (SELECT max(version) FROM limits) AS limits,
  (SELECT body FROM market_clock) AS clock,
  (SELECT max(position) FROM venue_record) AS venue`

const deskState = (database: string): string => {
  if (!existsSync(database)) return "no desk"
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return JSON.stringify(db.prepare(query).get())
  } finally {
    db.close()
  }
}

/** Kept on the way by whoever looks: not part of what a command does. */
const passing =
  /(?:^|\/)\.plimsoll\/(?:cache(?:\/.*)?|crash\.log|last-config\.json|desk\.db.*|audit(?:\/.*)?)$/u

const filesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !passing.test(name))
    .toSorted()
    .map((name) => {
      const path = join(folder, name)
      const found = lstatSync(path)
      if (found.isDirectory()) return name
      return found.isSymbolicLink()
        ? `${name} (link)`
        : `${name} (file ${found.ino}, ${found.size} bytes, of ${found.mtimeMs})`
    })

/** Makes one, and goes there. */
export const makeSandboxDesk = async (): Promise<SandboxDesk> => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-fuzz-")))
  const folder = join(root, "a/b/desk")
  const template = join(root, "template")
  mkdirSync(folder, { recursive: true })
  const before = process.cwd()
  process.chdir(folder)
  await must(["init"])
  const idOf = async (...args: ReadonlyArray<string>): Promise<string> => {
    const out = await must(["order", "buy", ...args, "--yes", "--json"])
    return /"order_id": "([^"]+)"/u.exec(out)?.[1] ?? ""
  }
  const filled = await idOf("SPX-REPLAY", "2")
  const working = await idOf("AAPL", "5", "--limit", "100", "--tif", "gtc")
  await must(["run", "--from", "2020-01-02", "--to", "2020-01-03", "--strategy", "trend"])
  spawnSync("mkfifo", [join(root, "fifo")])
  layOut(folder, join(root, "fifo"))
  cpSync(folder, template, { recursive: true, verbatimSymlinks: true })
  const restore = () => {
    process.chdir(root)
    rmSync(join(root, "a"), { recursive: true, force: true })
    mkdirSync(join(root, "a/b"), { recursive: true })
    cpSync(template, folder, { recursive: true, verbatimSymlinks: true })
    process.chdir(folder)
  }
  return {
    folder,
    working,
    filled,
    fingerprint: () => [deskState(join(folder, ".plimsoll/desk.db")), ...filesOf(join(root, "a"))].join("\n"),
    restore,
    remove: () => {
      process.chdir(before)
      rmSync(root, { recursive: true, force: true })
    }
  }
}
