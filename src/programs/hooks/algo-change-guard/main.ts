import { runHook } from "../kit/RunHook.ts"
import { algoChangeGuard } from "./AlgoChangeGuard.ts"

runHook(algoChangeGuard)
