// The systems of the sandbox company while its demo runs: HubSpot, Stripe, PartnerStack and Crossbeam on loopback, and the
// time at which they are read.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { World } from '../ingest/connector.ts';
import { startVendors, vendorCompany, vendorSecrets, writeVendorWorkspace } from '../sandbox/vendors.ts';

/** Where the company's records are, below the demo's workspace. */
export const COMPANY = 'company';

/** They are read this long before the business clock, so that what a reading dates (the first sight of an overlap) counts. */
const READ_BEFORE_MS = 3_600_000;

export type DemoSystems = { readonly world: World; close(): Promise<void> };

/** Starts them, writes the workspace that names them, and puts their keys into the environment, where sourced.yaml looks. */
export async function openDemoSystems(directory: string): Promise<DemoSystems> {
  const company = vendorCompany(join(directory, COMPANY));
  const world = standingWorld(Date.parse(company.asOf) - READ_BEFORE_MS);
  const vendors = await startVendors({ company, now: world.now });
  writeVendorWorkspace(directory, { company, urls: vendors.urls });
  for (const [name, value] of Object.entries(vendorSecrets)) process.env[name] ??= value;
  return { world, close: vendors.close };
}

/** A clock that only waiting moves, so that one demo is read at the same times as another. */
function standingWorld(start: number): World {
  let slept = 0;
  return {
    now: () => start + slept,
    sleep: async (milliseconds) => {
      await setTimeout(milliseconds);
      slept += milliseconds;
    },
    random: Math.random,
  };
}
