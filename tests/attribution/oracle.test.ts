// The streaming pass against SQL windows that share no code with it, on random journeys in a real DuckDB.
import { describe, expect, test } from 'vitest';
import { runJourneys } from '../../attribution/journeys.ts';
import { methodNames } from '../../attribution/methods/registry.ts';
import { sqlWindows } from '../../benchmarks/support/attribution-sql.ts';
import { generateJourneys } from '../../benchmarks/support/journeys-data.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { configOf } from './company.ts';

const custom = [3, 1, 4, 1, 5, 9];

describe.each([
  ['a few touches each', { deals: 3000, touches: 12_000, partners: 8, channels: 5 }],
  ['long journeys', { deals: 40, touches: 20_000, partners: 5, channels: 3 }],
  ['many parties in one journey', { deals: 20, touches: 8_000, partners: 150, channels: 10 }],
  ['a journey longer than sums of doubles can hold exactly', { deals: 1, touches: 9_000, partners: 3, channels: 2 }],
])('%s', (_, size) => {
  test('all eight methods agree with SQL windows in every part', async () => {
    const warehouse = await openWarehouse(':memory:');
    await generateJourneys(warehouse, { ...size, claims: 0, seed: 7 });
    const attribution = {
      methods: [...methodNames],
      custom: { weights: Object.fromEntries(custom.map((weight, kind) => [`kind ${kind}`, weight])) },
      time_decay: { half_life_days: 7 },
    };
    await runJourneys({ warehouse, config: configOf({ attribution }), log: () => undefined });
    const [found] = await warehouse.rows<{ rows: bigint; wrong: bigint }>(`
      with oracle as (${sqlWindows(methodNames, { half_life_days: 7, custom })}),
      credit as (select deal_index, party_index, ${methodNames.join(', ')} from attribution.credit where party_index >= 0)
      select
        (select count(*) from oracle) as rows,
        (select count(*) from (select * from oracle except all select * from credit))
        + (select count(*) from (select * from credit except all select * from oracle)) as wrong`);
    warehouse.close();
    expect(Number(found!.rows)).toBeGreaterThan(size.deals);
    expect(found!.wrong).toBe(0n);
  });
});
