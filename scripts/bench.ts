/** The benchmarks, bench/NAME.bench.ts: `npm run bench -- NAME … --json`. */
import { join } from "node:path"
import { runSuite } from "./Suite.ts"

runSuite({
  name: "bench",
  folder: join(import.meta.dirname, "../bench"),
  suffix: ".bench.ts",
  what: "benchmark",
  // A benchmark of memory measures what is kept, not what is yet to be collected.
  nodeFlags: ["--expose-gc"]
})
