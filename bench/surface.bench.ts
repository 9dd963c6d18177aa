/**
 * What fitting a surface to a chain of 4,000 contracts costs (2,000 strikes of smiles, twelve expiries), one thread, in
 * milliseconds: SVI without arbitrage, which is the default, SSVI, and as baseline the thin-plate spline on 400 quotes.
 * Cleaning comes before and is not in it. The chain is generated, with noise.
 *
 * Target: SVI at most 100 ms.
 */
import { Result } from "effect"
import { fitSurface } from "../src/options/surface/SurfaceFit.ts"
import type { InterpolationModel } from "../src/options/surface/VolatilitySurface.ts"
import { generatedChain } from "../test/options/surface/GeneratedChains.ts"
import { quantile } from "./Sampling.ts"

const ROUNDS = 15

const chain = generatedChain({
  days: [4, 11, 18, 24, 32, 39, 46, 67, 130, 221, 312, 585],
  noiseVolatility: 0.004,
  halfSpread: 0.004,
  strikes: 167
})
const points = chain.smiles.reduce((sum, smile) => sum + smile.points.length, 0)

const models = ["svi", "ssvi", "thin-plate"] as const satisfies ReadonlyArray<InterpolationModel>

const millis: Record<(typeof models)[number], Array<number>> = { svi: [], ssvi: [], "thin-plate": [] }
const rms: Record<(typeof models)[number], number> = { svi: 0, ssvi: 0, "thin-plate": 0 }
for (let round = 0; round < ROUNDS; round++) {
  for (const model of models) {
    const started = process.hrtime.bigint()
    const surface = Result.getOrThrow(fitSurface(chain, { model }))
    millis[model].push(Number(process.hrtime.bigint() - started) / 1e6)
    rms[model] = surface.rmsError
  }
}

const medians = models.map((model) => ({ model, millis: quantile(millis[model].slice(3), 0.5) }))
const baseline = medians.find(({ model }) => model === "thin-plate")?.millis ?? Number.NaN
const rows = medians.map((row) => ({ ...row, ratio: row.millis / baseline, rms: rms[row.model] }))

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ name: "surface", points, targetMillis: 100, rows }))
} else {
  console.log(`${points} strikes of ${chain.smiles.length} expiries`)
  for (const { millis: took, model, ratio, rms: error } of rows) {
    console.log(
      `${model.padEnd(12)}${took.toFixed(1).padStart(8)} ms${ratio.toFixed(2).padStart(8)} of the baseline   rms ${error.toFixed(4)}${model === "svi" ? "   at most 100 ms" : ""}`
    )
  }
}
