/**
 * Every command with its arguments and options, from what `--help` of the real command tree says: a new option is
 * fuzzed without anybody remembering it.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag, type HelpDoc } from "effect/cli"
import { plimsoll } from "../../src/programs/cli/full.ts"
import { Person } from "../../src/programs/cli/Person.ts"

export interface CommandShape {
  /** ["order", "buy"]. */
  readonly path: ReadonlyArray<string>
  readonly isGroup: boolean
  readonly args: ReadonlyArray<HelpDoc.ArgDoc>
  readonly flags: ReadonlyArray<HelpDoc.FlagDoc>
}

interface Tree {
  readonly name: string
  readonly subcommands: ReadonlyArray<{ readonly commands: ReadonlyArray<Tree> }>
}

const pathsOf = (command: Tree, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => [
  path,
  ...command.subcommands.flatMap(({ commands }) =>
    commands.flatMap((child) => pathsOf(child, [...path, child.name]))
  )
]

const program = Command.runWith(plimsoll, { version: "0" })

const helpOf = Effect.fnUntraced(function* (path: ReadonlyArray<string>) {
  const docs: Array<HelpDoc.HelpDoc> = []
  const presenter: CliOutput.Presenter = {
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") docs.push(event.helpDoc)
      })
  }
  const platform = Layer.mergeAll(
    NodeServices.layer,
    Person.layer,
    Layer.succeed(CliOutput.Presenter, presenter),
    CliConfig.layer({ builtIns: [GlobalFlag.Help] })
  )
  yield* Effect.exit(program([...path, "--help"]).pipe(Effect.provide(platform)))
  const [doc] = docs
  if (doc === undefined) return yield* Effect.die(new Error(`plimsoll ${path.join(" ")} has no help`))
  return doc
})

/** All commands, groups and the root included. */
export const commandTree: Effect.Effect<ReadonlyArray<CommandShape>> = Effect.forEach(
  pathsOf(plimsoll, []),
  (path) =>
    Effect.map(helpOf(path), (doc) => ({
      path,
      isGroup: (doc.subcommands ?? []).length > 0,
      args: doc.args ?? [],
      flags: doc.flags
    }))
)
