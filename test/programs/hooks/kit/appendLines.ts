/** Appends lines to a file, with others at the same time: `appendLines.ts FILE WHO COUNT`. */
import { appendLine } from "../../../../src/programs/hooks/kit/AppendLine.ts"
import { ready } from "../../../support/ChildProcess.ts"

const [, , path = "", who = "", count = "0"] = process.argv

await ready()
for (let n = 0; n < Number(count); n++) {
  // Short ones and ones as long as a line may be.
  appendLine(path, { who, n, text: who.repeat(n % 10 === 0 ? 60_000 : n) })
}
