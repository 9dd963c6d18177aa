import { runHook } from "../kit/RunHook.ts"
import { parseBacktest } from "./ParseBacktest.ts"

runHook(parseBacktest)
