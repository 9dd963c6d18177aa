/** The page's style sheet: system fonts, light, dark, phone and paper. */
import { type ColorName, colorNames, darkPalette, lightPalette, type Palette } from "./Palette.ts"

const variables = (palette: Palette): string =>
  colorNames.map((name) => `--${name}:${palette[name]}`).join(";")

const series = ["s0", "s1", "s2", "s3", "bench"] as const satisfies ReadonlyArray<ColorName>
const steps = ["n3", "n2", "n1", "z0", "p1", "p2", "p3"] as const satisfies ReadonlyArray<ColorName>

const colorRules = [
  ...series.map((name) => `.bg-${name}{background:var(--${name})}`),
  ...series.map((name) => `.top-${name}{border-top-color:var(--${name})}`),
  ...steps.map((step) => `.${step}{background:var(--${step});color:var(--${step}-ink)}`)
].join("\n")

export const styleSheet = `
:root{color-scheme:light dark;${variables(lightPalette)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(darkPalette)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums}
.page{max-width:1048px;margin:0 auto;padding:40px 24px 64px}
h1,h2,h3,p,ul,dl,figure{margin:0}
h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;font-weight:650;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.25;letter-spacing:-.01em;font-weight:650;margin:56px 0 8px;padding-top:18px;border-top:1px solid var(--rule)}
h3{font-size:1rem;font-weight:650;margin:28px 0 4px}
p{max-width:72ch;text-wrap:pretty}
p+p{margin-top:.7em}
small{font-size:.8125em}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.lede{color:var(--muted)}
.overline{display:flex;align-items:center;gap:9px;color:var(--muted);font-size:.875rem;letter-spacing:.01em;margin-bottom:14px}
.overline svg{width:22px;height:22px;flex:none}
.facts{display:flex;flex-wrap:wrap;gap:2px 22px;list-style:none;padding:0;margin-top:12px;color:var(--muted);font-size:.9375rem}
nav{margin-top:18px;font-size:.875rem}
nav ul{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0}
a{color:var(--s0);text-decoration-thickness:1px;text-underline-offset:3px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:18px;margin-top:30px}
.card{border-top:4px solid;background:var(--panel);padding:16px 18px 18px;border-radius:0 0 4px 4px;display:flex;flex-direction:column;font-size:.9375rem}
.card h3{margin:0 0 2px;font-size:1.0625rem}
.card .lede{font-size:.875rem}
.card .result{margin:14px 0}
.figures{display:grid;grid-template-columns:repeat(2,1fr);gap:10px 12px;margin-top:auto}
.figures dt{font-size:.8125rem;color:var(--muted)}
.figures dd{margin:0;font-size:1.25rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}
.notice{margin-top:26px;padding:16px 20px 18px;background:var(--notice);border-left:4px solid var(--notice-rule);border-radius:0 4px 4px 0}
.notice h2{margin:0 0 6px;padding:0;border:0;font-size:1.0625rem}
.notice ul{padding-left:1.15em;font-size:.9375rem}
.notice li{margin-top:5px;max-width:82ch}
figure{margin-top:14px}
figure>svg{display:block;width:100%;height:auto}
figure>svg.narrow{display:none}
svg text{font-variant-numeric:tabular-nums}
figcaption,.fine{color:var(--muted);font-size:.875rem;max-width:88ch;margin-top:8px}
ul.fine{padding-left:1.15em}
.legend{display:flex;flex-wrap:wrap;gap:4px 24px;list-style:none;padding:0;font-size:.875rem;margin-bottom:10px}
.legend li,.key li{display:flex;align-items:center;gap:8px}
.line{width:22px;height:3px;border-radius:2px;flex:none}
.line.limit{height:0;border-top:2px dashed var(--limit);border-radius:0}
.mark{width:11px;height:11px;border-radius:50%;flex:none;background:var(--muted)}
.mark.ring{background:none;border:2px solid var(--muted)}
.mark.tick{width:2px;height:9px;border-radius:0;margin:0 4px}
.mark.diamond{width:9px;height:9px;border-radius:0;background:none;border:2px solid var(--muted);transform:rotate(45deg);margin:0 1px}
.badge{display:inline-block;min-width:1.6em;padding:0 .4em;border-radius:1em;text-align:center;font-size:.75rem;font-weight:700;line-height:1.6em;color:var(--paper)}
.scroll{overflow-x:auto;margin-top:12px}
.scroll+.scroll,.scroll+p{margin-top:28px}
.scroll:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.4}
caption{text-align:left;font-weight:600;padding:0 0 6px}
caption small{font-weight:400;color:var(--muted);margin-left:6px;white-space:nowrap}
th,td{padding:6px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
th{text-align:left;font-weight:400}
thead th{font-size:.8125rem;font-weight:600;color:var(--muted);vertical-align:bottom;border-bottom-color:var(--axis)}
td{text-align:right;white-space:nowrap}
td.text{text-align:left}
td.wide-text{white-space:normal;min-width:15em}
tbody th,time,td code,th code,td.contract{white-space:nowrap}
.number,.statistics thead th+th,.months thead th+th{text-align:right}
th:first-child,td:first-child{padding-left:0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:28px 40px}
.statistics th,.statistics td{padding-left:8px;padding-right:0}
.statistics th:first-child{white-space:normal;padding-left:0}
.statistics td small{display:block;color:var(--muted);font-size:.75rem;line-height:1.35}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,150px),1fr));gap:18px 24px;margin-top:26px}
.tiles dt{font-size:.8125rem;color:var(--muted)}
.tiles dd{margin:0;font-size:1.375rem;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.tiles dd small{display:block;font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--muted)}
.matrix td,.matrix th{padding:4px 7px}
.matrix th{white-space:nowrap}
.definitions{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:12px 32px;margin-top:10px;font-size:.8125rem;line-height:1.45}
.definitions dt{font-weight:600}
.definitions dd{margin:0;color:var(--muted)}
.months{min-width:760px;table-layout:fixed}
.months caption{font-weight:400;color:var(--muted)}
.months th,.months td{padding:4px 7px;border:1px solid var(--paper);font-size:.8125rem}
.months th:first-child{padding-left:0;position:sticky;left:0;background:var(--paper)}
.months td.total{font-weight:650;padding-left:12px}
.months td.none{color:var(--muted)}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin-top:14px;font-size:.8125rem;color:var(--muted)}
.swatch{width:18px;height:14px;border:1px solid var(--rule);flex:none}
.bar{display:inline-block;height:.7em;background:var(--limit);border-radius:1px;vertical-align:baseline}
details{margin-top:16px}
summary{cursor:pointer;font-size:.9375rem}
.commands{list-style:none;padding:0;margin-top:10px}
.commands li{padding:10px 0;border-bottom:1px solid var(--rule)}
.commands code{display:block;font-size:.9375rem}
.inputs{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin-top:10px;font-size:.9375rem}
.inputs dt{color:var(--muted)}
.inputs dd{margin:0;min-width:0;overflow-wrap:anywhere}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--rule);color:var(--muted);font-size:.8125rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
${colorRules}
@media screen and (max-width:700px){
.page{padding:24px 16px 48px}
h1{font-size:1.6rem}
h2{margin-top:44px}
figure>svg.wide{display:none}
figure>svg.narrow{display:block;max-width:560px;margin:0 auto}
caption small{display:block;margin-left:0}
th,td{padding:5px 7px}
td.text,tbody th{white-space:normal}
td.wide-text{min-width:9em}
.bar{font-size:.45em;height:1.5em}
.statistics{table-layout:fixed;font-size:.8125rem}
.statistics th:first-child{width:24%}
.statistics td small{font-size:.625rem}
.statistics th,.statistics td{padding-left:5px}
.months{min-width:640px}
.months th,.months td{padding:4px 5px}
.inputs{grid-template-columns:1fr;gap:0}
.inputs dd{margin-bottom:8px}
}
@media print{
body{font-size:10pt}
.page{max-width:none;padding:0}
nav{display:none}
h2{margin-top:24pt;break-after:avoid}
h3,caption{break-after:avoid}
figure,.card,.notice,tr,.months,.definitions div{break-inside:avoid}
.scroll{overflow:visible}
details::details-content{content-visibility:visible;block-size:auto}
.months{min-width:0}
.months th,.months td{padding:2px 3px;font-size:7.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`
