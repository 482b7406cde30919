// A source is read with little memory; what does not fit there is read with all of it, behind the last batch that did.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Batch, Reading } from '../../ingest/api.ts';
import type { ApiConnector } from '../../ingest/connector.ts';
import { ingest } from '../../ingest/ingest.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';

/** A page of one account of 40 MB, which DuckDB's reader of JSON wants 80 MB for. */
const large = JSON.stringify({ list: [{ id: 'A-2', note: 'x'.repeat(40 << 20) }] });
const small = JSON.stringify({ list: [{ id: 'A-1', note: '' }] });
const states: unknown[] = [];

const connector: ApiConnector = {
  name: 'salesforce',
  options: z.object({}),
  delivers: ['accounts'],
  check: async () => [],
  objects: async () => [
    {
      object: 'things',
      query: {},
      records: [{ stream: 'accounts', fields: { id: '$.id' }, columns: { account_id: 'id', name: 'id' } }],
      async *read({ state, pages }: Reading): AsyncGenerator<Batch> {
        states.push(state);
        for (const [number, body] of [small, large].entries()) {
          if (number < Number(state?.done ?? 0)) continue;
          await pages.add('things', body, '$.list[*]');
          yield { state: { done: number + 1 } };
        }
      },
    },
  ],
};

test('a page that does not fit into little memory is read with all of it', async () => {
  const directory = temporaryDirectory();
  const state = join(directory, '.sourced');
  mkdirSync(state);
  const warehouse = await openWarehouse(join(directory, 'warehouse.duckdb'));
  const loads = await ingest({
    config: { sources: [{ name: 'crm', connector: 'salesforce' }] },
    workspace: { directory, state, loads: join(state, 'loads') },
    warehouse,
    connectors: [connector as never],
  });
  expect(states).toEqual([null, { done: 1 }]);
  expect(loads.map(({ accepted }) => accepted)).toEqual([1, 1]);
  expect(await warehouse.rows('SELECT record_key FROM raw.salesforce_accounts ORDER BY sequence')).toEqual([
    { record_key: 'A-1' },
    { record_key: 'A-2' },
  ]);
  warehouse.close();
});
