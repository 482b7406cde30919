// The command line over a vendor's server, as a user has it: killed with kill -9 wherever it may be, nothing is lost or doubled;
// and whatever goes wrong, no credential is printed, logged or written.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { StreamName } from '../../core/streams.ts';
import { secretsOf } from '../../ingest/secret.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { type Outcome, sourced, startSourced, temporaryDirectory } from '../workspace.ts';
import type { ContractFixture, ContractServer } from './fixture.ts';
import hubspot from './fixtures/hubspot.ts';
import partnerstack from './fixtures/partnerstack.ts';
import stripe from './fixtures/stripe.ts';
import { seededRandom } from './suite.ts';

const day_ms = 86_400_000;
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

/** A workspace whose source is the fixture's server; its credentials come from the environment, as the contract asks for. */
async function workspaceOf(fixture: ContractFixture, change: (options: Record<string, unknown>) => void = () => {}) {
  let ago = 3 * day_ms;
  const server = await fixture.start({ now: () => Date.now() - ago, random: seededRandom(7) });
  ago = 0;
  const directory = temporaryDirectory();
  cleanups.push(
    () => server.close(),
    () => rmSync(directory, { recursive: true, force: true }),
  );
  const options = structuredClone(server.options) as Record<string, unknown>;
  change(options);
  const secrets = secretsOf(fixture.connector.options, options);
  const env = Object.fromEntries(secrets.map((value, index) => [`CANARY_${index}`, value]));
  const hidden = JSON.stringify(options, (_, value) =>
    secrets.includes(value) ? `\${CANARY_${secrets.indexOf(value)}}` : value,
  );
  const source = `{"name": "vendor", "connector": "${fixture.connector.name}", ${hidden.slice(1)}`;
  // JSON is YAML.
  writeFileSync(
    join(directory, 'sourced.yaml'),
    `company: Acme\nreporting: {currency: USD, time_zone: UTC}\nsources:\n  - ${source}\n`,
  );
  return { server, directory, env, secrets };
}

test.each([hubspot, stripe])('killed at any moment, the next ingest goes on ($connector.name)', async (fixture) => {
  const { server, directory, env } = await workspaceOf(fixture as ContractFixture);
  let status: number | null = null;
  for (let attempt = 0; attempt < 6; attempt++) {
    const child = startSourced(['ingest', '--workspace', directory], env);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await Promise.race([ended, setTimeout(500 + attempt * 200)]);
    child.kill('SIGKILL');
    status = await ended;
  }
  const outcome = await sourced(['ingest', '--workspace', directory], env);
  expect(outcome.status, `after a run that ended ${status}: ${outcome.stderr}`).toBe(0);
  expect(await keysIn(directory, fixture as ContractFixture, server)).toEqual(sorted(server.expected()));
});

test.each([hubspot, stripe, partnerstack])('no credential anywhere ($connector.name)', async (fixture) => {
  const good = await workspaceOf(fixture as ContractFixture);
  const outcomes = [
    await sourced(['check', '--workspace', good.directory], good.env),
    await sourced(['ingest', '--workspace', good.directory], good.env),
  ];
  expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
  assertClean(good, outcomes);
  const wrong = await workspaceOf(fixture as ContractFixture, (options) => {
    for (const [name, value] of Object.entries(options))
      if (good.secrets.includes(value as string)) options[name] = `${value}-wrong`;
  });
  const gone = await workspaceOf(fixture as ContractFixture, (options) => {
    options.base_url = 'http://127.0.0.1:65534';
  });
  for (const broken of [wrong, gone]) {
    const failures = [
      await sourced(['check', '--workspace', broken.directory], broken.env),
      await sourced(['ingest', '--workspace', broken.directory], broken.env),
    ];
    expect(failures.map(({ status }) => status)).toEqual([3, 3]);
    assertClean(broken, failures);
  }
});

function assertClean(
  { directory, secrets }: { directory: string; secrets: readonly string[] },
  outcomes: readonly Outcome[],
): void {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(secrets.length).toBeGreaterThan(0);
  expect(files.length).toBeGreaterThan(1);
  const places = [
    ...outcomes.map(({ stdout, stderr }) => ({ place: 'output', content: Buffer.from(stdout + stderr) })),
    ...files.map((file) => {
      const place = join(file.parentPath, file.name);
      return { place, content: readFileSync(place) };
    }),
  ];
  const leaks = places.filter(({ content }) => secrets.some((secret) => content.includes(secret)));
  expect(leaks.map(({ place }) => place)).toEqual([]);
}

type Keys = Partial<Record<StreamName, readonly string[]>>;

async function keysIn(directory: string, { connector }: ContractFixture, server: ContractServer): Promise<Keys> {
  const warehouse = await openWarehouse(join(directory, '.sourced', 'warehouse.duckdb'), { readOnly: true });
  const keys: Record<string, string[]> = {};
  for (const stream of Object.keys(server.expected())) {
    const rows = await warehouse.rows<{ record_key: string }>(
      `SELECT record_key FROM raw."${connector.name}_${stream}"
       WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded)`,
    );
    keys[stream] = rows.map(({ record_key }) => record_key);
  }
  warehouse.close();
  return sorted(keys);
}

function sorted(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).map(([stream, list]) => [stream, [...list].sort()]));
}
