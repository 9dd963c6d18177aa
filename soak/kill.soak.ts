/**
 * Processes killed with SIGKILL at random points of submitting, filling, cancelling, draining, making a desk and
 * playing a run. After each death another process opens what is left, reconciles it, and works out anew whether
 * anything was lost, doubled or told otherwise than it is (test/processes/).
 *
 * `--kills=N`. Most processes kill themselves at a call to the disk that the seed names; every fourth desk's are
 * killed from outside after a time that the seed names.
 */
import { Effect } from "effect"
import { NodeServices } from "@effect/platform-node"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { actedOn, interruptedRun, type Killed, made, makeBase, type Phase } from "../test/processes/Kills.ts"
import { playRun } from "../test/session/TestRun.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const flags = soakFlags([["kills", { short: 40, full: 1200 }]])
const kills = flags.counts.get("kills") ?? 0

/** Deaths one desk survives, and one run. */
const A_DESK = 8
const A_RUN = 4
/** Two cores: while one desk is looked at, another's process runs. */
const LANES = 2

const phases = new Map<Phase, number>()
const failures: Array<string> = []
const progress = makeProgress("kill")
const begun = performance.now()
let done = 0
let outside = 0

const again = `npm run soak -- kill --seed=${flags.seed} --kills=${kills}`

const note = (what: string, path: string, killed: Killed): boolean => {
  done += 1
  if (killed.how === "Outside") outside += 1
  phases.set(killed.phase, (phases.get(killed.phase) ?? 0) + 1)
  for (const problem of killed.problems)
    failures.push(`${what} (${killed.phase}, kept in ${path}): ${problem}; ${again}`)
  if (done <= kills) progress(done, kills, `${failures.length} failures`)
  return killed.problems.length === 0
}

const base = await makeBase()
const wholeFolder = mkdtempSync(join(tmpdir(), "plimsoll-run-whole-"))
const whole = await Effect.runPromise(Effect.provide(playRun(wholeFolder), NodeServices.layer))

/** Kills on a desk that is acted on; gives how many there were. */
const actedOnDesk = async (number: number): Promise<void> => {
  const desk = actedOn({ base, seed: flags.seed, number })
  for (let i = 0; i < A_DESK; i++) {
    if (!note(`desk ${number}, kill ${i + 1}`, desk.path, await desk.kill())) return
  }
  desk.remove()
}

const madeDesk = async (number: number): Promise<void> => {
  const desk = made({ seed: flags.seed, number })
  if (note(`making desk ${number}`, desk.path, await desk.kill())) desk.remove()
}

const killedRun = async (number: number): Promise<void> => {
  const run = interruptedRun({ seed: flags.seed, number })
  for (let i = 0; i < A_RUN; i++) {
    if (!note(`run ${number}, kill ${i + 1}`, run.path, await run.kill())) return
  }
  const problems = await run.finish(whole)
  for (const problem of problems) failures.push(`run ${number} (kept in ${run.path}): ${problem}; ${again}`)
  if (problems.length === 0) run.remove()
}

/** Of sixteen deaths eight are on a desk, four over the making of desks, four in a run. */
const round = async (number: number): Promise<void> => {
  await actedOnDesk(number)
  for (let i = 0; i < A_DESK / 2; i++) await madeDesk(number * A_DESK + i)
  await killedRun(number)
}

const rounds = Math.ceil(kills / (2 * A_DESK))
const lane = async (first: number): Promise<void> => {
  for (let number = first; number < rounds; number += LANES) await round(number)
}
await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
rmSync(base, { recursive: true })
rmSync(wholeFolder, { recursive: true })

report(
  {
    name: "kill",
    seed: flags.seed,
    done: { kills: done, "kills from outside": outside },
    failures,
    figures: {
      ...Object.fromEntries([...phases].map(([phase, count]) => [`kills_in_${phase}`, count])),
      seconds: Math.round((performance.now() - begun) / 1000)
    }
  },
  flags.json
)
