/** Recovers the desk of the project at the path given, as a person at the command line does. */
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { recover } from "../../../src/programs/RecoverProgram.ts"

const folder = deskFolderAt(process.argv[2] ?? "", undefined)

await Effect.runPromise(
  recover({
    folder,
    actor: { kind: "person", name: "cli" },
    retell: false,
    reason: "killed at every step"
  }).pipe(Effect.provide(NodeServices.layer))
)
