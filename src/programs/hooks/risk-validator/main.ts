import { runHook } from "../kit/RunHook.ts"
import { riskValidator } from "./RiskValidator.ts"

runHook(riskValidator)
