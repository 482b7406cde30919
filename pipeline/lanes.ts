// Work on one warehouse that goes on side by side.
import type { Session, Warehouse } from './warehouse.ts';

/** So many at a time: what one cannot do with both threads of DuckDB leaves room for the other. */
const lanes = 2;

/** Does `work` for every item, in their order but side by side. After a failure nothing is begun; it is thrown when the rest has ended. */
export async function sideBySide<Item>(
  warehouse: Warehouse,
  items: readonly Item[],
  work: (item: Item, session: Session) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    const session = await warehouse.session();
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, session);
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      session.close();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
