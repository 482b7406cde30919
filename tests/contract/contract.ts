// Every registered connector of an API obeys the contract: its fixture is found by its name, and one that has none fails. They
// are tested in families, a file each, so that two run at a time.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectors } from '../../ingest/registry.ts';
import type { ContractFixture } from './fixture.ts';
import { obey, randomSchedule, rules } from './suite.ts';

/** Random schedules in all, over the connectors; `npm run soak -- connectors` runs a thousand. */
const schedules = Number(process.env.SCHEDULES ?? 40);

const names = connectors.filter((connector) => 'objects' in connector).map(({ name }) => name);
const each = Math.ceil(schedules / names.length);

const families = {
  crm: ['hubspot', 'salesforce'],
  billing: ['stripe', 'chargebee'],
  partners: ['partnerstack', 'crossbeam'],
} as const;

/** The rules and the random schedules for every connector of a family; `others` are all that no family names. */
export function obeyContract(family: keyof typeof families | 'others'): void {
  const named: readonly string[] = Object.values(families).flat();
  const members = family === 'others' ? names.filter((name) => !named.includes(name)) : families[family];
  describe.each(members)('%s', (name) => {
    test('has a fixture', () => expect(existsSync(fixtureFile(name))).toBe(true));
    test.each(Object.keys(rules))('%s', async (rule) => obey(rules[rule]!, await fixtureOf(name), 1));
    test.each(Array.from({ length: each }, (_, index) => index + 1))('random schedule %i', async (seed) =>
      obey(randomSchedule, await fixtureOf(name), seed),
    );
  });
}

function fixtureFile(name: string): string {
  return join(import.meta.dirname, 'fixtures', `${name.replaceAll('_', '-')}.ts`);
}

async function fixtureOf(name: string): Promise<ContractFixture> {
  return ((await import(fixtureFile(name))) as { default: ContractFixture }).default;
}
