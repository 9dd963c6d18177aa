import { runHook } from "../kit/RunHook.ts"
import { loadContext } from "./LoadContext.ts"

runHook(loadContext)
