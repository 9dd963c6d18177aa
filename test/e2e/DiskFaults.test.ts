/** Disks that are full or read-only, folders that may not be written, two who begin at once: real processes on real file systems. */
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { DatabaseSync } from "node:sqlite"
import { skippedName } from "../support/Shared.ts"
import { buildIfStale, newProject, type Ran } from "./Program.ts"

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const isRoot = process.platform === "linux" && process.getuid?.() === 0

/** Only root may mount file systems and start processes as somebody else. */
const itAsRoot = (name: string, body: () => Promise<void>): void => {
  if (isRoot) it(name, body)
  else it.skip(skippedName(name, "not root: nothing can be mounted, and no other user be"), () => {})
}

const mounts: Array<string> = []
const mountTmpfs = (size: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-tmpfs-"))
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], {
    encoding: "utf8"
  })
  if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr}`)
  mounts.push(folder)
  return folder
}
beforeAll(buildIfStale)
afterAll(() => {
  for (const folder of mounts) {
    spawnSync("umount", ["-l", folder])
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A failure told in a line or two, without a stack trace and without the word "bug". */
const expectTold = ({ code, err }: Ran, words: RegExp): void => {
  expect(err).toMatch(words)
  expect(err).not.toMatch(/\n\s+at |bug in plimsoll/u)
  expect([1, 2]).toContain(code)
}

/** The journal's fills are the books, nothing is damaged, the log is whole. */
const expectSound = async (project: ReturnType<typeof newProject>) => {
  const status = JSON.parse((await project.run(["status", "--json"])).out)
  expect(status.damage).toBeNull()
  const verified = await project.run(["audit", "verify"])
  expect(verified).toMatchObject({ code: 0 })
  expect(JSON.parse((await project.run(["recover", "--check", "--json"])).out)).toMatchObject({
    problems: []
  })
  await project.run(["export", "--out", "books"])
  const fills = readFileSync(join(project.folder, "books/fills.csv"), "utf8").trim().split("\n").slice(1)
  const held = status.positions.reduce(
    (sum: number, { quantity }: { readonly quantity: string }) => sum + Number(quantity),
    0
  )
  return { fills: fills.length, held }
}

describe("a full disk", () => {
  itAsRoot("stops orders with a typed error however much room is left, and loses nothing", async () => {
    const disk = mountTmpfs("24m")
    const project = newProject(disk)
    expect((await project.run(["init"])).code).toBe(0)
    expect((await project.run(["order", "buy", "AAPL", "1", "--yes"])).code).toBe(0)
    let told = 1
    let refused = 0
    let unsettled = 0
    for (const room of [0, 20, 24, 28, 60]) {
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(join(disk, "ballast"), Buffer.alloc(Math.max(0, bavail - room) * bsize))
      const ran = await project.run(["order", "buy", "AAPL", "1", "--yes", "--repeat"])
      if (ran.code !== 0) {
        refused++
        expectTold(ran, /disk|space|full|could not be written/u)
      }
      const looked = await project.run(["status"])
      if (looked.code !== 0) expectTold(looked, /disk|space|full/u)
      rmSync(join(disk, "ballast"))
      // An order that was journaled and could not be sent is closed: denied, never filled behind one's back.
      const { fills, held } = await expectSound(project)
      if (ran.code === 0) told++
      else if (/What became of it is not known/u.test(ran.err)) unsettled++
      // Those of which it was said that nobody knows may have been filled, and no others.
      expect(held).toBe(fills)
      expect(fills, ran.err).toBeGreaterThanOrEqual(told)
      expect(fills, ran.err).toBeLessThanOrEqual(told + unsettled)
      unsettled -= fills - told
      told = fills
    }
    expect(refused).toBeGreaterThan(2)
    expect((await project.run(["order", "buy", "AAPL", "1", "--yes", "--repeat"])).code).toBe(0)
  })
})

describe("a read-only file system", () => {
  itAsRoot("takes no order, says what to do, and goes on when it can be written again", async () => {
    const disk = mountTmpfs("24m")
    const project = newProject(disk)
    await project.run(["init"])
    await project.run(["order", "buy", "AAPL", "1", "--yes"])
    expect(spawnSync("mount", ["-o", "remount,ro", disk]).status).toBe(0)
    for (const args of [
      ["order", "buy", "AAPL", "1", "--yes", "--repeat"],
      ["halt", "read-only"],
      ["init"],
      ["limits", "show"]
    ]) {
      expectTold(await project.run(args), /read-only|must be able to write|cannot be written/u)
    }
    expect((await project.run(["doctor"])).out).toContain("give this user permission to write there")
    expect(spawnSync("mount", ["-o", "remount,rw", disk]).status).toBe(0)
    expect(await expectSound(project)).toEqual({ fills: 1, held: 1 })
  })
})

describe("a user who may not", () => {
  const NOBODY = 65_534
  const setUp = async () => {
    const project = newProject()
    await project.run(["init"])
    await project.run(["order", "buy", "AAPL", "1", "--yes"])
    chmodSync(project.folder, 0o755)
    return project
  }

  itAsRoot("write the desk's folder takes no order and reads no secret path to do so", async () => {
    const project = await setUp()
    const ran = await project.run(["order", "buy", "AAPL", "1", "--yes", "--repeat"], {}, NOBODY)
    expectTold(ran, /must be able to write|permission/iu)
    expect(await expectSound(project)).toEqual({ fills: 1, held: 1 })
    project.remove()
  })

  itAsRoot("read plimsoll.json trades nothing, can halt, and is told which file", async () => {
    const project = await setUp()
    const own = (path: string): void => {
      chownSync(path, NOBODY, NOBODY)
      for (const entry of existsSync(path) ? readdirSync(path, { withFileTypes: true }) : []) {
        const inside = join(path, entry.name)
        if (entry.isDirectory()) own(inside)
        else chownSync(inside, NOBODY, NOBODY)
      }
    }
    own(join(project.folder, ".plimsoll"))
    chmodSync(join(project.folder, "plimsoll.json"), 0)
    const denied = await project.run(["order", "buy", "AAPL", "1", "--yes", "--repeat"], {}, NOBODY)
    expectTold(denied, /plimsoll\.json/u)
    expect((await project.run(["halt", "no configuration"], {}, NOBODY)).code).toBe(0)
    chmodSync(join(project.folder, "plimsoll.json"), 0o644)
    expect(await expectSound(project)).toEqual({ fills: 1, held: 1 })
    project.remove()
  })
})

describe("two at once", () => {
  it("who init one folder make one desk with one account", async () => {
    const project = newProject()
    const both = await Promise.all([1, 2, 3].map(() => project.run(["init", "--json"])))
    expect(both.map(({ code, err }) => [code, err])).toEqual(both.map(() => [0, ""]))
    expect(both.map(({ out }) => JSON.parse(out).opened_account).filter(Boolean)).toHaveLength(1)
    expect(await expectSound(project)).toEqual({ fills: 0, held: 0 })
    project.remove()
  })

  it("projects with one PLIMSOLL_HOME: the second is refused, by both names; one that moved keeps its desk", async () => {
    const one = newProject()
    const other = newProject()
    const home = { PLIMSOLL_HOME: join(one.folder, "home") }
    expect((await one.run(["init"], home)).code).toBe(0)
    for (const args of [["init"], ["order", "buy", "AAPL", "1", "--yes"], ["status"]]) {
      const refused = await other.run(args, home)
      expectTold(refused, /belongs to the project/u)
      expect(refused.err).toContain(one.folder)
      expect(refused.err).toContain(other.folder)
    }
    expect((await one.run(["order", "buy", "AAPL", "1", "--yes"], home)).code).toBe(0)
    renameSync(join(one.folder, "plimsoll.json"), join(other.folder, "plimsoll.json"))
    const moved = await other.run(["status"], home)
    expect(moved.code).toBe(0)
    expect(moved.err).toContain("from now on")
    expect((await other.run(["status"], home)).err).toBe("")
    one.remove()
    other.remove()
  })

  it("a whole project that is moved takes its desk along without a word", async () => {
    const project = newProject()
    await project.run(["init"])
    const elsewhere = newProject()
    cpSync(project.folder, elsewhere.folder, { recursive: true })
    expect(await elsewhere.run(["order", "list"])).toMatchObject({ code: 0, err: "" })
    project.remove()
    elsewhere.remove()
  })
})

describe("plimsoll recover", () => {
  const script = join(import.meta.dirname, "processes/recoverDesk.ts")
  const changes = "pwrite64,ftruncate,fdatasync,fsync,rename,unlink,mkdir"
  const hasTracer = spawnSync("strace", ["-V"]).status === 0

  /** Killed before its n-th call that changes a file or waits for the disk. */
  const recoverKilledAt = (folder: string, n: number): boolean =>
    spawnSync(
      "strace",
      [
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        `trace=${changes}`,
        "-e",
        `inject=${changes}:signal=KILL:when=${n}`,
        process.execPath,
        script,
        folder
      ],
      { encoding: "utf8" }
    ).status === 0

  const itTraced = (name: string, body: () => Promise<void>): void => {
    if (hasTracer) it(name, body)
    else it.skip(skippedName(name, "no strace to kill a process at a system call"), () => {})
  }

  itTraced(
    "killed at any step leaves the old desk or the new one, and goes through when it is asked again",
    async () => {
      const project = newProject()
      await project.run(["init"])
      for (const n of ["1", "2"]) await project.run(["order", "buy", "AAPL", n, "--yes"])
      const database = join(project.folder, ".plimsoll/desk.db")
      const db = new DatabaseSync(database)
      db.exec("UPDATE journal SET body = replace(body, 'BUY', 'BUX') WHERE sequence = 5")
      db.close()
      const { lines: before } = JSON.parse((await project.run(["recover", "--check", "--json"])).out)
      let killed = 0
      for (let n = 1; n < 2000; n *= 3) {
        if (recoverKilledAt(project.folder, n)) break
        killed++
        const { lines, problems } = JSON.parse((await project.run(["recover", "--check", "--json"])).out)
        // The old desk says what is wrong with it; the new one has a line more and nothing wrong.
        expect([n, lines]).toEqual([n, problems.length > 0 ? before : before + 1])
        if (problems.length === 0) break
      }
      expect(killed).toBeGreaterThan(5)
      recoverKilledAt(project.folder, 1_000_000)
      expect(await expectSound(project)).toEqual({ fills: 2, held: 3 })
      project.remove()
    }
  )
})
