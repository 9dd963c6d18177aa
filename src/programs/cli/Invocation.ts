/** How this program is called from where it was called: what to type next has to work as it stands. */
import { delimiter, join, relative } from "node:path"
import { existsSync } from "node:fs"

/** "./bin/plimsoll" inside the checkout, "plimsoll" where the PATH has it, else the launcher's whole path. */
export const invocation = (): string => {
  const { PATH: path = "", PLIMSOLL_LAUNCHER: launcher } = process.env
  if (launcher === undefined) return "plimsoll"
  const near = relative(process.cwd(), launcher)
  if (near === join("bin", "plimsoll")) return `./${near}`
  const installed = path.split(delimiter).some((folder) => existsSync(join(folder, "plimsoll")))
  return installed ? "plimsoll" : launcher
}
