// The raw log over several loads: versions, repeats, conflicts, source times, tombstones; nothing is ever changed in place.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { csv, Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await Landing.open();
});
afterEach(() => landing.close());

const header = 'account_id,name';
const load = (...rows: string[]) => landing.loadOne('accounts.csv', csv(header, ...rows));
const names = async () =>
  (await landing.current('accounts')).map(({ record_key, payload }) => `${record_key} ${payload.name}`);
const history = async () =>
  (await landing.versions('accounts')).map(({ record_key, payload }) => `${record_key} ${payload.name}`);

describe('versions', () => {
  test('the same file again adds none', async () => {
    await load('A-1,One', 'A-2,Two');
    const before = await landing.versions('accounts');
    expect(await load('A-1,One', 'A-2,Two')).toMatchObject({ is_unchanged: true, fetched: 2, repeats: 2 });
    expect(await landing.versions('accounts')).toEqual(before);
  });

  test('a replay in another order, with repeats, adds none', async () => {
    await load('A-1,One', 'A-2,Two');
    expect(await load('A-2,Two', 'A-1,One', 'A-2,Two')).toMatchObject({
      is_unchanged: false,
      fetched: 3,
      accepted: 0,
      repeats: 3,
    });
    expect(await history()).toEqual(['A-1 One', 'A-2 Two']);
  });

  test('A → B → A are three versions', async () => {
    for (const name of ['Alpha', 'Beta', 'Alpha']) await load(`A-1,${name}`);
    expect(await history()).toEqual(['A-1 Alpha', 'A-1 Beta', 'A-1 Alpha']);
    expect(await names()).toEqual(['A-1 Alpha']);
  });

  test('a changed record supersedes, an unchanged one repeats, a new one is added, an absent one stays', async () => {
    await load('A-1,One', 'A-2,Two', 'A-3,Three');
    expect(await load('A-1,One', 'A-2,Zwei', 'A-4,Four')).toMatchObject({ fetched: 3, accepted: 2, repeats: 1 });
    expect(await names()).toEqual(['A-1 One', 'A-2 Zwei', 'A-3 Three', 'A-4 Four']);
  });

  test('a change in a column that is not mapped is a version, a new order of columns is not', async () => {
    await landing.loadOne('accounts.csv', csv('account_id,name,plan', 'A-1,One,gold'));
    expect(await landing.loadOne('accounts.csv', csv('plan,name,account_id', 'gold,One,A-1'))).toMatchObject({
      repeats: 1,
    });
    expect(await landing.loadOne('accounts.csv', csv('account_id,name,plan', 'A-1,One,iron'))).toMatchObject({
      accepted: 1,
    });
  });

  test('two sources with the same ids do not meet', async () => {
    await load('A-1,One');
    const sources = ['sheets', 'other'].map((name) => ({ name, connector: 'files', directory: './sheets' }));
    const loads = await landing.load({ config: { sources } });
    expect(loads.map(({ source, accepted }) => [source, accepted])).toEqual([
      ['sheets', 0],
      ['other', 1],
    ]);
    expect(await landing.load({ config: { sources }, only: 'other' })).toHaveLength(1);
    await expect(landing.load({ config: { sources }, only: 'ohter' })).rejects.toMatchObject({
      exit_status: 2,
      hint: expect.stringContaining('other'),
    });
  });

  test('changed_keys names what a load brought', async () => {
    await load('A-1,One', 'A-2,Two');
    const { load_id } = await load('A-1,One', 'A-2,Zwei');
    const keys = await landing.warehouse.rows(`SELECT * FROM raw.changed_keys('${load_id}')`);
    expect(keys).toEqual([{ stream: 'accounts', source: 'sheets', record_key: 'A-2' }]);
  });

  test('the version hash depends on the content alone', async () => {
    for (const name of ['Alpha', 'Beta', 'Alpha']) await load(`A-1,${name}`);
    const rows = await landing.warehouse.rows<{ hash: string }>(
      'SELECT raw.version_hash(payload) AS hash FROM raw.files_accounts ORDER BY sequence',
    );
    const [first, second, third] = rows.map(({ hash }) => hash);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect([first === third, first === second]).toEqual([true, false]);
  });
});

describe('one key twice in a load (fine-print 4)', () => {
  test('identical copies are repeats of the first', async () => {
    expect(await load('A-1,One', 'A-1,One', 'A-1,One')).toMatchObject({
      fetched: 3,
      accepted: 1,
      repeats: 2,
      quarantined: 0,
    });
    expect((await landing.versions('accounts')).map(({ record }) => record)).toEqual([2]);
  });

  test('different bodies: all copies are refused', async () => {
    expect(await load('A-1,One', 'A-2,Two', 'A-1,Uno', 'A-1,One')).toMatchObject({
      fetched: 4,
      accepted: 1,
      repeats: 1,
      quarantined: 2,
    });
    expect(await landing.refused()).toMatchObject([
      { record: 2, record_id: 'A-1', reason: 'conflicting_duplicate' },
      { record: 4, record_id: 'A-1', reason: 'conflicting_duplicate' },
    ]);
    expect(await names()).toEqual(['A-2 Two']);
  });

  test('the second copy in a grown file: the first is taken back', async () => {
    await load('A-1,One', 'A-2,Two');
    await load('A-1,One', 'A-2,Two', 'A-1,Uno');
    expect(await names()).toEqual(['A-2 Two']);
    expect(await landing.refused()).toHaveLength(2);
    await load('A-1,Uno', 'A-2,Two');
    expect(await names()).toEqual(['A-1 Uno', 'A-2 Two']);
    expect((await landing.refused()).map(({ state }) => state)).toEqual(['superseded', 'superseded']);
  });

  test('it is taken back also where other streams were loaded in between', async () => {
    landing.write('contacts.csv', csv('contact_id', 'C-1', 'C-2', 'C-3'));
    await load('A-1,One', 'A-2,Two');
    await load('A-1,One', 'A-2,Two', 'A-1,Uno');
    expect(await names()).toEqual(['A-2 Two']);
    expect(await landing.current('contacts')).toHaveLength(3);
  });

  test('a third body than the known one leaves the known one', async () => {
    await load('A-1,One');
    await load('A-1,Uno', 'A-1,Eins');
    expect(await names()).toEqual(['A-1 One']);
  });
});

describe('records that carry their time (updated_at) or a tombstone (is_deleted)', () => {
  const timed = (...rows: string[]) =>
    landing.loadOne('accounts.csv', csv('account_id,name,updated_at,is_deleted', ...rows));
  const at = (day: number) => `2025-01-0${day}T00:00:00Z`;

  test('several versions in one file are history, the latest is current whatever the order', async () => {
    expect(await timed(`A-1,New,${at(2)},`, `A-1,Old,${at(1)},`)).toMatchObject({ accepted: 2 });
    expect(await names()).toEqual(['A-1 New']);
  });

  test('an older version after a newer one is history, and its replay adds nothing', async () => {
    await timed(`A-1,New,${at(2)},`);
    expect(await timed(`A-1,Old,${at(1)},`)).toMatchObject({ accepted: 1 });
    expect(await names()).toEqual(['A-1 New']);
    expect(await timed(`A-1,Old,${at(1)},`, `A-1,New,${at(2)},`)).toMatchObject({ accepted: 0, repeats: 2 });
  });

  test('the same time with another body is a conflict', async () => {
    expect(await timed(`A-1,One,${at(1)},`, `A-1,Uno,${at(1)},`)).toMatchObject({ accepted: 0, quarantined: 2 });
    await timed(`A-2,Two,${at(1)},`);
    expect(await timed(`A-2,Zwei,${at(1)},`)).toMatchObject({ accepted: 0, quarantined: 1 });
    expect(await names()).toEqual(['A-2 Two']);
  });

  test('deleted, and there again', async () => {
    await timed(`A-1,One,${at(1)},false`);
    await timed(`A-1,One,${at(2)},true`);
    expect(await names()).toEqual([]);
    await timed(`A-1,One,${at(3)},false`);
    expect(await names()).toEqual(['A-1 One']);
    expect(await landing.versions('accounts')).toHaveLength(3);
  });

  test('a time that is none is refused', async () => {
    expect(await timed('A-1,One,yesterday,')).toMatchObject({ quarantined: 1 });
    expect(await landing.refused()).toMatchObject([{ reason: 'bad_time' }]);
  });
});
