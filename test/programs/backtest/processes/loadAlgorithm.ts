/** A worker that loads an algorithm by name and tells what it found. */
import { parentPort, workerData } from "node:worker_threads"
import { Effect, Result, Schema } from "effect"
import { findAlgorithm } from "../../../../src/programs/backtest/Algorithms.ts"

const { name, project } = Schema.decodeUnknownSync(
  Schema.Struct({ name: Schema.String, project: Schema.String })
)(workerData)

const algorithm = await Effect.runPromise(findAlgorithm(name, project))
if (algorithm._tag !== "Strategy") throw new Error(`${name} is a LEAN project`)
const strategy = Result.getOrThrow(algorithm.definition.bind({}))
parentPort?.postMessage(
  {
    name: strategy.name,
    codeHash: algorithm.codeHash,
    days: strategy.parameters["days"]
  },
  []
)
