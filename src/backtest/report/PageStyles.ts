/** Rules of the pages of backtests, beside those of every page. */
import type { ColorName } from "../../session/report/Palette.ts"

const series = ["s0", "s1", "s2", "s3"] as const satisfies ReadonlyArray<ColorName>

export const pageStyles = `
.chips{display:flex;flex-wrap:wrap;gap:6px 8px;list-style:none;padding:0;margin-top:14px;font-size:.875rem}
.chips li{border:1px solid var(--rule);border-radius:4px;padding:1px 9px;overflow-wrap:anywhere;min-width:0}
.chips span{color:var(--muted);margin-right:6px}
.stamp{display:flex;gap:10px;align-items:baseline;margin-top:18px;padding:9px 14px;border:2px solid var(--limit);border-radius:4px;max-width:max-content;font-size:.9375rem}
.stamp strong{color:var(--limit);white-space:nowrap}
.tiles dd{overflow-wrap:anywhere}
.tiles+p,.tiles+.scroll{margin-top:20px}
figure+p,figure+.scroll{margin-top:16px}
.choice{margin-top:10px}
.choice>input{position:absolute;opacity:0}
.choice>label{display:inline-block;padding:2px 12px;border:1px solid var(--axis);font-size:.8125rem;cursor:pointer;color:var(--muted)}
.choice>label:first-of-type{border-radius:4px 0 0 4px}
.choice>label:last-of-type{border-radius:0 4px 4px 0;border-left:0}
.choice>input:checked+label{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.choice>input:focus-visible+label{outline:2px solid var(--s0);outline-offset:2px}
#scale-linear:checked~.on-log,#scale-log:checked~.on-linear{display:none}
.line.short{width:14px}
.line.dash{height:0;border-radius:0;border-top:2px dashed var(--limit)}
.line.dots{height:0;border-radius:0;border-top:2px dotted var(--limit)}
.mark.won{background:var(--s0);width:8px;height:8px}
.mark.lost{background:none;border:2px solid var(--s1);width:9px;height:9px}
.tools{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin-top:14px;font-size:.875rem}
.tools[hidden]{display:none}
.tools input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--axis);border-radius:4px;padding:4px 10px;width:min(100%,19rem)}
.tools input:focus-visible{outline:2px solid var(--s0);outline-offset:1px}
.tools output{color:var(--muted)}
.tall .scroll{max-height:34rem;overflow:auto}
.tall thead th{position:sticky;top:0;background:var(--paper);box-shadow:inset 0 -1px var(--axis);z-index:1}
.sorts th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
.sorts th button::after{content:"\\2195";color:var(--axis);margin-left:4px;font-size:.85em}
.sorts th[aria-sort] button{color:var(--ink)}
.sorts th[aria-sort=ascending] button::after{content:"\\2191";color:var(--ink)}
.sorts th[aria-sort=descending] button::after{content:"\\2193";color:var(--ink)}
.sorts th button:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
.up{color:var(--s0)}
.down{color:var(--s1)}
.best{font-weight:650}
.best::after{content:" \\2713";color:var(--s0)}
.differs th,.differs td{background:var(--notice)}
.differs th:first-child{box-shadow:inset 3px 0 var(--notice-rule);padding-left:10px}
.value{overflow-wrap:anywhere;white-space:normal;text-align:left;min-width:7em}
td.value code{white-space:normal}
.line.dashed,.line.dotted{height:0;border-radius:0;border-top:3px dashed;background:none}
.line.dotted{border-top-style:dotted}
${series.map((name) => `.line.in-${name}{border-color:var(--${name})}`).join("\n")}
.wrap{overflow-wrap:anywhere}
td.wrap{white-space:normal;min-width:9em}
th.wrap{white-space:normal;min-width:11em;max-width:26em}
th.wrap small{display:block;font-size:.75rem}
.key-cell{white-space:nowrap}
.key-cell .line,thead .line{display:inline-block;width:16px;vertical-align:middle;margin-right:7px}
.headline .tiles{grid-template-columns:repeat(auto-fit,minmax(min(100%,210px),1fr))}
.lean-pair>*{min-width:0;margin-top:18px}
.lean tbody th,.lean td{white-space:normal;overflow-wrap:break-word}
.dense{font-size:.8125rem}
.dense th,.dense td{padding:5px 7px}
.dense th:first-child,.dense td:first-child{padding-left:0}
.heat{width:auto}
.heat td{min-width:3.4em;text-align:center}
.heat tbody th{text-align:right;padding-right:10px;padding-left:0}
.heat.pairs tbody th{text-align:left}
.heat td.none{color:var(--muted)}
.heat td.top{box-shadow:inset 0 0 0 2px var(--ink)}
.heat thead th,.heat thead .number{text-align:center}
.heat thead th:first-child{text-align:left}
.heat td.steady{outline:2px dashed var(--ink);outline-offset:-5px}
.heat td.steady:is(.p3,.n3){outline-color:var(--paper)}
.swatch.steady{outline:2px dashed var(--ink);outline-offset:-2px}
.swatch.top{box-shadow:inset 0 0 0 2px var(--ink)}
.maps{display:flex;flex-wrap:wrap;gap:8px 40px;align-items:start}
.maps>*{min-width:0;max-width:100%}
.maps caption{white-space:nowrap}
h3{overflow-wrap:anywhere}
.stack{margin:12px 0 0;padding:10px 14px;background:var(--panel);overflow-x:auto;font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media print{
.tools{display:none!important}
.tall .scroll{max-height:none;overflow:visible}
.tall thead th{position:static}
.dense{font-size:7pt}
.dense thead th{font-size:inherit}
.dense th,.dense td{padding:2px 3px}
.dense td.wide-text{min-width:0}
details.list{display:none}
.sorts th button::after{content:""}
.choice>label{display:none}
}
@media screen and (max-width:700px){
.tall .scroll{max-height:26rem}
.dense td,.dense tbody th{white-space:nowrap}
.dense td.wide-text,.lean td,.lean tbody th{white-space:normal}
.headline .tiles,.tiles{grid-template-columns:1fr 1fr}
}
`
