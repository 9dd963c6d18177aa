import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { bivariateNormal } from "../../src/options/BivariateNormal.ts"
import { normal } from "../../src/options/kernels/Mills.ts"

describe("the bivariate normal distribution", () => {
  // Plackett's integral at 25 digits (mpmath), rounded once.
  it.each<readonly [x: number, y: number, correlation: number, expected: number]>([
    [0, 0, 0.5, 1 / 3],
    [0.5, -0.3, 0.2, 0.2907642881365537],
    [-1.2, 0.7, -0.6, 0.041014421748693165],
    [1, 1, 0.8, 0.7803260112186438],
    [-2.5, -1.5, 0.9, 0.006109805344223105],
    [0.3, 0.4, 0.95, 0.5868320497656611],
    [-0.7, -0.9, 0.99, 0.18260336450244835],
    [1.5, -1.4, -0.97, 0.021691747459419236],
    [-0.2, 0.25, -0.93, 0.0686205450636305],
    [0.1, 0.1, 0.9999, 0.5375882538757142],
    [-4, -3, 0.5, 4.89835140094362e-6],
    [-5, -5, 0.95, 1.1650980496795293e-7],
    [2, -1, -0.999, 0.13590512198327784],
    [-0.5, 0.5, -0.7861513777574233, 0.09312504790075977],
    [3, 3, -0.3, 0.9973002249432598]
  ])("below %f and %f at a correlation of %f", (x, y, correlation, expected) => {
    expect(Math.abs(bivariateNormal(x, y, correlation) - expected)).toBeLessThan(5e-16)
  })

  it("is the product of both without correlation, and the lesser of both with all of it", () => {
    expect(bivariateNormal(0.3, -1.1, 0)).toBeCloseTo(normal(0.3) * normal(-1.1), 15)
    expect(bivariateNormal(0.3, -1.1, 1)).toBe(normal(-1.1))
    expect(bivariateNormal(0.3, -1.1, -1)).toBe(0)
    expect(bivariateNormal(Infinity, 0.7, 0.4)).toBe(normal(0.7))
    expect(bivariateNormal(0.7, -Infinity, 0.4)).toBe(0)
  })

  it("of x and y and of x and −y add up to that of x, at any correlation", () => {
    const bound = fc.double({ min: -9, max: 9, noNaN: true })
    fc.assert(
      fc.property(bound, bound, fc.double({ min: -1, max: 1, noNaN: true }), (x, y, correlation) => {
        const sum = bivariateNormal(x, y, correlation) + bivariateNormal(x, -y, -correlation)
        expect(Math.abs(sum - normal(x))).toBeLessThan(2e-15)
        expect(bivariateNormal(y, x, correlation)).toBeCloseTo(bivariateNormal(x, y, correlation), 14)
      })
    )
  })
})
