import { above, below, taskColourDeclarations } from './colour.js';

/** The page's style: text in one column, figures wider, quiet lines, light and dark, and legible on paper. */
export const style = `
:root { color-scheme: light dark; --paper: #fffffb; --ink: #1b1b19; --quiet: #757570; --rule: #d9d9d2; --wash: #f1f1ea;
  --rest: #cfcfc6; --accent: #5f6f7a; ${taskColourDeclarations(false)} }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #161614; --ink: #e8e8e2; --quiet: #9a9a92; --rule: #3a3a36;
  --wash: #22221f; --rest: #4a4a45; --accent: #8fa3b0; ${taskColourDeclarations(true)} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1400px; background: var(--paper); color: var(--ink);
  font: 17px/1.5 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, serif; print-color-adjust: exact; }
header h1 { font-size: 2.1rem; line-height: 1.2; font-weight: 400; margin: 0 0 .4rem; max-width: 30em; }
header p, p, dl, ul, ol { max-width: 42em; }
h2 { font-size: 1.45rem; font-weight: 400; margin: 3.2rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.08rem; font-weight: 600; margin: 1.8rem 0 .5rem; }
h4 { font-size: .95rem; font-weight: 600; margin: 0 0 .3rem; }
.texts { list-style: none; padding: 0; margin: 0 0 .6rem; font-size: .92em; overflow-wrap: anywhere; white-space: pre-wrap; } .texts li { margin: .15rem 0; }
.texts .topic { color: var(--quiet); } .texts .written { border-left: 2px solid var(--rule); margin-left: .4em; padding-left: .4em; }
.unit-text { max-width: 42em; break-inside: avoid; margin: 1rem 0; } .unit-text p { margin: .2rem 0; }
h4 small { font-weight: 400; color: var(--quiet); font-size: .88em; }
.page { max-width: 1120px; min-width: 0; padding: 2rem 1.25rem 5rem; }
section, figure { scroll-margin-top: 2.6rem; }
nav { font-size: .9rem; }
nav ol { list-style: none; padding: 0; margin: 0; }
nav a { display: block; padding: .2rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
@media (min-width: 1200px) { body { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); column-gap: 1rem; } .bar, nav .close { display: none; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 2.4rem 0 1rem 1.25rem; } }
@media (max-width: 1199.98px) { .page { margin: 0 auto; } .bar { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--rule); padding: .35rem 1.25rem; font-size: .9rem; }
  nav { display: none; position: fixed; z-index: 2; inset: 0 auto 0 0; width: min(19rem, 85vw); overflow-y: auto; background: var(--paper); border-right: 1px solid var(--rule); padding: .8rem 1.25rem; }
  nav:target { display: block; } nav a { padding: .4rem 0; } nav .close { color: var(--quiet); } }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .15em; }
.result { font-size: 1.12rem; }
.missing { border-left: .25rem solid currentColor; padding: .1rem 0 .1rem .9rem; }
.absent { color: var(--quiet); font-style: italic; }
code { font: .86em ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: var(--wash); padding: .7rem .9rem; max-width: 46rem; }
figure { margin: 0 0 1.2rem; }
figcaption { font-size: .92rem; margin-top: .5rem; }
figcaption p { margin: .25rem 0; max-width: 48em; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif;
  --plot-background: var(--paper); }
svg text { white-space: pre; }
.scroll { overflow-x: auto; }
.scroll svg { min-width: var(--least); }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--least)), 1fr)); gap: 1.2rem 1.4rem; }
.panel svg { width: 100%; }
.scale { display: grid; grid-template-columns: minmax(6rem, 11rem) 1fr; column-gap: .8rem; align-items: start; font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; margin: .4rem 0; max-width: 34rem; }
.scale .ramp { display: block; height: .7rem; background: var(--wash); outline: 1px solid var(--rule); }
.scale .ramp span { display: block; height: 100%; }
.scale .ticks { grid-row: 2; display: flex; justify-content: space-between; }
.scale small { grid-row: 1 / 3; grid-column: 2; color: var(--quiet); font-size: 1em; }
.methods { overflow-wrap: anywhere; background: var(--wash); padding: .3rem .9rem; max-width: 46rem; }
.view { white-space: nowrap; }
.key { font-weight: 600; }
.key.above { border-bottom: .22em solid ${above}; }
.key.below { border-bottom: .22em solid ${below}; }
.examples dt { font-weight: 600; margin-top: .7rem; }
.examples dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.examples ins { text-decoration: none; background: var(--wash); padding-block: .12em; }
table { border-collapse: collapse; font-size: .9rem; margin: .8rem 0 1rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .35rem; caption-side: top; }
caption span { display: block; position: sticky; left: 0; max-width: min(48em, calc(100vw - 2.5rem)); }
th, td { padding: .22rem .9rem .22rem 0; vertical-align: top; text-align: right; font-weight: 400; }
td small, th small { color: var(--quiet); }
summary { cursor: pointer; color: var(--quiet); }
thead th { color: var(--quiet); border-bottom: 1px solid var(--rule); vertical-align: bottom; }
th.text, td.text { text-align: left; }
td b { white-space: nowrap; }
.mark { display: inline-block; width: .7em; height: .7em; margin-right: .45em; }
.digest { overflow-wrap: anywhere; color: var(--quiet); }
@media (max-width: 640px) { body { font-size: 16px; } .page { padding: 1.2rem .9rem 3rem; } .bar { padding-inline: .9rem; } header h1 { font-size: 1.6rem; } }
@media print { :root { --paper: #fff; --ink: #000; } body { display: block; font-size: 10.5pt; } nav, nav:target, .bar, p.view { display: none; } .page { padding: 0; max-width: none; }
  h2, h3, h4, dt { break-after: avoid; } .scroll, .panel, tr, dd { break-inside: avoid; } .scroll:has(table) { break-inside: auto; overflow: visible; }
  .panels { grid-template-columns: repeat(2, 1fr); } }
`;
