// Work side by side on one warehouse: all of it is done, and a failure ends it without leaving anything at work.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sideBySide } from '../../pipeline/lanes.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await openWarehouse(':memory:');
  await warehouse.run('CREATE TABLE done (item INTEGER)');
});
afterEach(() => warehouse.close());

const items = Array.from({ length: 20 }, (_, item) => item);

test('every item is done once, two at a time', async () => {
  let atWork = 0;
  let most = 0;
  await sideBySide(warehouse, items, async (item, session) => {
    most = Math.max(most, ++atWork);
    await session.run('INSERT INTO done VALUES (?)', [item]);
    atWork--;
  });
  const done = await warehouse.rows<{ item: number }>('FROM done ORDER BY item');
  expect(done.map(({ item }) => item)).toEqual(items);
  expect(most).toBe(2);
});

test('a failure is thrown when what was begun has ended, and nothing more is begun', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = sideBySide(warehouse, items, async (item, session) => {
    begun.push(item);
    await session
      .run(item === 2 ? 'FROM nothing' : 'SELECT sum(range) FROM range(1000000)')
      .finally(() => ended.push(item));
  });
  await expect(work).rejects.toThrow(/nothing does not exist/);
  expect(ended.toSorted()).toEqual(begun.toSorted());
  expect(begun.length).toBeLessThan(items.length);
});
