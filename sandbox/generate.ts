// Writes the sandbox company as a workspace: sourced.yaml, as_of.txt, sheets/*.csv, and truth/*.csv beside them.
// Same seed, size and clock: the same bytes. Accounts are written one by one, so that memory does not grow with the size.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StreamName } from '../core/streams.ts';
import { createDemand } from './demand.ts';
import { writeDirt } from './dirt.ts';
import { writeRates } from './fx.ts';
import { writeOddities } from './oddities.ts';
import { createPartners, writePartners } from './partners.ts';
import { writePayouts } from './payouts.ts';
import { createSetting, defaultAsOf, defaultSeed, type Extent, type Size, sizes } from './setting.ts';
import { writeStory } from './story.ts';
import { createTruth } from './truth.ts';
import { createSourcingFile, writeTruthFiles } from './truth-files.ts';
import { workspaceYaml } from './workspace.ts';
import type { World } from './world.ts';
import { createSheets } from './writers.ts';

export { defaultAsOf, defaultSeed, type Extent, type Size } from './setting.ts';

export type Company = {
  readonly directory: string;
  readonly asOf: string;
  /** Rows written to each stream, the header not counted. */
  readonly counts: Readonly<Record<StreamName, number>>;
};

const FIRST_ID = 1001;

/**
 * Generates the company into `directory` (made if missing; files of an earlier company are overwritten).
 * S is about 1 k deals, M 100 k, L 1 M. `asOf` is the business clock; the 24 complete months before it are the story.
 */
export function generateCompany({
  directory,
  size = 'S',
  seed = defaultSeed,
  asOf = defaultAsOf,
}: {
  directory: string;
  size?: Size | Extent;
  seed?: number;
  asOf?: string;
}): Company {
  mkdirSync(directory, { recursive: true });
  const setting = createSetting({ size, seed, asOf });
  const truthDirectory = join(directory, 'truth');
  const sheets = createSheets(join(directory, 'sheets'));
  const sourcing = createSourcingFile(truthDirectory);
  const rates = writeRates(setting, sheets);
  const partners = createPartners(setting);
  const truth = createTruth(setting, rates, sourcing.write);
  const world: World = {
    setting,
    partners,
    rates,
    sheets,
    truth,
    nextId: createCounter(),
    drawDemand: createDemand(setting),
  };
  writePartners(setting, partners, sheets);
  for (let index = 0; index < setting.accounts; index++) writeStory(world, index);
  writeOddities(world);
  const refused = writeDirt(world);
  writePayouts(world);
  sheets.close();
  sourcing.close();
  writeTruthFiles(truthDirectory, truth, refused);
  writeFileSync(join(directory, 'sourced.yaml'), workspaceYaml());
  writeFileSync(join(directory, 'as_of.txt'), `${asOf}\n`);
  return { directory, asOf, counts: sheets.counts() };
}

function createCounter(): World['nextId'] {
  const next = new Map<string, number>();
  return (prefix) => {
    const number = next.get(prefix) ?? FIRST_ID;
    next.set(prefix, number + 1);
    return `${prefix}-${number}`;
  };
}

function isSize(text: string): text is Size {
  return Object.hasOwn(sizes, text);
}

/** `node bin/node.js sandbox/generate.ts --out DIR [--size S] [--seed NUMBER] [--as-of INSTANT]` */
function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      size: { type: 'string', default: 'S' },
      seed: { type: 'string', default: String(defaultSeed) },
      'as-of': { type: 'string', default: defaultAsOf },
    },
  });
  if (!values.out || !isSize(values.size)) {
    console.error('usage: generate.ts --out DIR [--size S|M|L] [--seed NUMBER] [--as-of INSTANT]');
    process.exitCode = 2;
    return;
  }
  const { counts } = generateCompany({
    directory: values.out,
    size: values.size,
    seed: Number(values.seed),
    asOf: values['as-of'],
  });
  for (const [stream, rows] of Object.entries(counts)) console.log(`${stream.padEnd(20)}${rows}`);
}

if (import.meta.main) main();
