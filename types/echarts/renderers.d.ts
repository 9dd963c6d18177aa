import type { Extension } from "./core.d.ts"

export const SVGRenderer: Extension
