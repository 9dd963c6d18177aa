import type { Extension } from "./core.d.ts"

export const BarChart: Extension
export const CandlestickChart: Extension
export const CustomChart: Extension
export const HeatmapChart: Extension
export const LineChart: Extension
export const PieChart: Extension
export const ScatterChart: Extension
