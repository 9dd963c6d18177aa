/** The files of runs, for tools of a server whose desk needs no others. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer, Path } from "effect"

const platform = Layer.mergeAll(NodeFileSystem.layer, Path.layer)

export const onPlatform = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.provide(work, platform)
