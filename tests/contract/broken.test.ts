// The proof of the suite: it passes a right connector, and finds the fault of every broken one.
import { describe, expect, test } from 'vitest';
import { obey, randomSchedule, rules } from './suite.ts';
import { type Fault, faults } from './vendor/connector.ts';
import { vendorFixture } from './vendor/fixture.ts';

const full = 'a full reading holds what the vendor holds';
const incremental = 'readings that follow changes end where a full reading does';
const resumed = 'a reading goes on from every state that was ever saved';
const replayed = 'reading again adds nothing, from whatever saved state';
const untrusted = 'what cannot be trusted ends the reading, and the next one recovers';
const badRecord = 'a bad record is quarantined, the stream goes on, and the mended record comes in';

/** The rule that finds each fault; faults that need luck are tried with several seeds. */
const finders: Readonly<Record<Fault, string>> = {
  loses_last_page: full,
  loses_first_record: full,
  saves_cursor_early: resumed,
  thaws_window: resumed,
  no_lookback: incremental,
  doubles: full,
  new_version_each_time: replayed,
  swallows_errors: untrusted,
  stops_at_bad_record: badRecord,
  drops_bad_records: badRecord,
  trusts_inline_lines: full,
  keeps_lost_children: incremental,
  ignores_tombstones: incremental,
  never_sweeps: incremental,
  half_sweep: full,
  follows_for_ever: untrusted,
  keeps_its_key: full,
  no_hint: untrusted,
};

/** Spares the seeds that are known to miss. */
const firstSeeds: Readonly<Record<string, number>> = { thaws_window: 5, no_lookback: 5 };
const firstSeed = (fault: string): number => firstSeeds[fault] ?? 1;

describe('a right connector passes where the broken ones are found out', () => {
  const trials = Object.entries(finders).map(([fault, rule]) => `${rule}, seed ${firstSeed(fault)}`);
  test.each([...new Set(trials)])('%s', (trial) => {
    const [rule, seed] = trial.split(', seed ') as [string, string];
    return obey(rules[rule]!, vendorFixture(), Number(seed));
  });
  test.each([1, 2])('random schedule %i', (seed) => obey(randomSchedule, vendorFixture(), seed));
});

describe('a broken connector is found out', () => {
  test.each(Object.entries(faults))('%s: %s', async (fault) => {
    const rule = rules[finders[fault as Fault]]!;
    const told: string[] = [];
    for (let seed = firstSeed(fault), tries = 0; tries < 8 && !told.length; seed++, tries++)
      await obey(rule, vendorFixture(fault as Fault), seed).catch((error: Error) => told.push(error.message));
    expect(told).toHaveLength(1);
  });
});
