import { runHook } from "../kit/RunHook.ts"
import { logTrade } from "./LogTrade.ts"

runHook(logTrade)
