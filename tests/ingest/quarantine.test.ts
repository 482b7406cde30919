// Refused records: once each, brought up to date by later loads, superseded by a good version, waived by a person, replayed.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listQuarantine, replay, waive } from '../../ingest/quarantine.ts';
import { csv, Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await Landing.open();
});
afterEach(() => landing.close());

const header = 'deal_id,account_id,is_closed,is_won,amount,currency';
const bad = 'D-1,A-1,false,false,12.345,USD';
const load = (...rows: string[]) => landing.loadOne('deals.csv', csv(header, ...rows));
const clock = () => '2026-02-01T00:00:00Z';

test('a record that is refused again is listed once, at its latest place', async () => {
  await load(bad);
  await load('D-2,A-1,false,false,1.00,USD', bad);
  expect(await landing.refused()).toMatchObject([{ record: 3, record_id: 'D-1', state: 'open' }]);
});

test('identical bad copies are repeats of the first', async () => {
  expect(await load(bad, bad)).toMatchObject({ fetched: 2, accepted: 0, repeats: 1, quarantined: 1 });
});

test('a good version supersedes it, the bad one coming back opens it again', async () => {
  await load(bad);
  await load('D-1,A-1,false,false,12.34,USD');
  expect(await landing.refused()).toMatchObject([{ state: 'superseded' }]);
  await load(bad);
  expect(await landing.refused()).toMatchObject([{ state: 'open' }]);
  expect((await landing.current('deals')).map(({ payload }) => payload.amount)).toEqual(['12.34']);
});

test('a rate of one provider says nothing about another one of the same day', async () => {
  const rates = 'rate_date,base_currency,quote_currency,rate,provider';
  await landing.loadOne('fx_rates.csv', csv(rates, '2025-03-03,EUR,USD,0,bank'));
  await landing.loadOne('fx_rates.csv', csv(rates, '2025-03-03,EUR,USD,1.1,ecb'));
  expect(await landing.refused()).toMatchObject([{ state: 'open' }]);
});

test('waived with person and reason; it stays waived when the file still holds it', async () => {
  await load(bad);
  const [refused] = await listQuarantine(landing.warehouse);
  const decision = { quarantine_id: refused!.quarantine_id, reason: 'test deal', person: 'Ann', at: clock() };
  expect(await waive(landing.warehouse, decision)).toBe(true);
  expect(await waive(landing.warehouse, decision)).toBe(false);
  await load(bad, 'D-2,A-1,false,false,1.00,USD');
  expect(await listQuarantine(landing.warehouse)).toEqual([]);
  expect(await listQuarantine(landing.warehouse, { states: ['waived'] })).toMatchObject([
    { record_id: 'D-1', decided_by: 'Ann', decided_because: 'test deal' },
  ]);
});

test('a replay under unchanged rules refuses the same records and adds nothing', async () => {
  await load(bad, ',A-1,false,false,,', 'D-9,ragged');
  const before = await listQuarantine(landing.warehouse);
  const [replayed] = await replay(landing.warehouse, { clock });
  expect(replayed).toMatchObject({ fetched: 2, accepted: 0, quarantined: 2 });
  expect(await listQuarantine(landing.warehouse)).toEqual(before);
});

test('a replay accepts what holds now: a duplicate whose other copy was waived', async () => {
  await load('D-1,A-1,false,false,1.00,USD', 'D-1,A-1,false,false,2.00,USD', bad.replace('D-1', 'D-2'));
  const [first] = await listQuarantine(landing.warehouse);
  await waive(landing.warehouse, { quarantine_id: first!.quarantine_id, reason: 'typo', person: 'Ann', at: clock() });
  const [replayed] = await replay(landing.warehouse, { clock });
  expect(replayed).toMatchObject({ file: 'quarantine', fetched: 2, accepted: 1, quarantined: 1 });
  expect((await landing.current('deals')).map(({ payload }) => payload.amount)).toEqual(['2.00']);
  expect((await listQuarantine(landing.warehouse, { states: ['replayed'] })).map(({ record_id }) => record_id)).toEqual(
    ['D-1'],
  );
  expect((await listQuarantine(landing.warehouse)).map(({ record_id }) => record_id)).toEqual(['D-2']);
});

test('a replay can be limited to some records', async () => {
  await load(bad, bad.replace('D-1', 'D-2'));
  const [first] = await listQuarantine(landing.warehouse);
  const [replayed] = await replay(landing.warehouse, { clock, quarantine_ids: [first!.quarantine_id] });
  expect(replayed).toMatchObject({ fetched: 1 });
  expect(await replay(landing.warehouse, { clock, quarantine_ids: [] })).toEqual([]);
});
