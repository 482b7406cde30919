// The part of Observable Plot that the pages use. `pipeline/site.ts` bundles this file alone, without the rest of Plot and d3.
export { axisX, axisY, barX, barY, dot, gridY, lineY, link, plot, ruleX, ruleY, text, tickX } from '@observablehq/plot';
