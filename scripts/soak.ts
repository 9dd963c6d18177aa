/**
 * The soaks, soak/NAME.soak.ts: faults and load for as long as asked, seeded.
 * `npm run soak -- NAME … --short --seed=7 --json`; CI runs all of them with `--short`.
 */
import { join } from "node:path"
import { runSuite } from "./Suite.ts"

runSuite({
  name: "soak",
  folder: join(import.meta.dirname, "../soak"),
  suffix: ".soak.ts",
  what: "soak",
  nodeFlags: ["--expose-gc"]
})
