/** Writes schemas/plimsoll.schema.json, which editors read, from the definition of plimsoll.json. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { configJsonSchema } from "../src/programs/DeskConfig.ts"

const file = join(resolve(import.meta.dirname, ".."), "schemas/plimsoll.schema.json")
mkdirSync(resolve(file, ".."), { recursive: true })
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
process.stdout.write(`wrote ${file}\n`)
