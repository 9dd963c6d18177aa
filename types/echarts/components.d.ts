import type { Extension } from "./core.d.ts"

export const AxisPointerComponent: Extension
export const CalendarComponent: Extension
export const DataZoomComponent: Extension
export const DatasetComponent: Extension
export const GraphicComponent: Extension
export const GridComponent: Extension
export const LegendComponent: Extension
export const MarkAreaComponent: Extension
export const MarkLineComponent: Extension
export const MarkPointComponent: Extension
export const TitleComponent: Extension
export const TooltipComponent: Extension
export const VisualMapComponent: Extension
