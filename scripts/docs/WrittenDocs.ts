/** The pages that are written by `npm run docs:write`, as they should be; a test holds them against what is there. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { format, type FormatConfig } from "oxfmt"
import { hooksDoc } from "./HooksDoc.ts"
import { mcpDoc } from "./McpDoc.ts"

/** As `npm run format` would leave it. */
const formatted = async (root: string, path: string, text: string): Promise<string> => {
  const options: FormatConfig = JSON.parse(readFileSync(join(root, ".oxfmtrc.json"), "utf8"))
  const { code, errors } = await format(path, `${text}\n`, options)
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`)
  return code
}

/** Paths, from the root, with their texts. */
export const writtenDocs = async (root: string): Promise<ReadonlyMap<string, string>> => {
  const pages = [
    ["docs/mcp.md", await mcpDoc(root)],
    ["docs/hooks.md", await hooksDoc(root)]
  ] as const
  return new Map(
    await Promise.all(pages.map(async ([path, text]) => [path, await formatted(root, path, text)] as const))
  )
}
