// Reads one collection of Chargebee: what changed in a frozen window, deleted objects included, in the order of the changes. A
// reading goes on at the time of the last change that was landed, never at an offset: Chargebee does not say how long one lives.
import type { Batch, PageStore, Reading } from '../../api.ts';
import { frozenWindow, tokenGuard } from '../../window.ts';
import type { ChargebeeContext, ChargebeeObjectName } from '../chargebee.ts';
import { type ChargebeeClient, type ChargebeeItem, type ChargebeePage, chargebeeClient } from './client.ts';

/** What changed may show up late, with the time of the change. */
const lookback_ms = 30 * 60_000;
const settle_ms = 60_000;

/** Everything that changed before `since` is landed; `part` is a window that is landed up to `from`. Epoch ms. */
type ChargebeeState = {
  readonly since: number | null;
  readonly part: { readonly to: number; readonly from: number } | null;
};

export async function* readObjects(
  context: ChargebeeContext,
  object: ChargebeeObjectName,
  { state, now, pages }: Reading,
): AsyncGenerator<Batch> {
  const { options, source } = context;
  const { since, part } = (state ?? { since: null, part: null }) as ChargebeeState;
  const start = options.start_date ? Date.parse(options.start_date) : undefined;
  const bounds = { start, lookback_ms, settle_ms, now, origin: `${source}: ${object}` };
  const window = frozenWindow({ since: since ?? undefined, ...bounds });
  if (part) yield* readWindow(context, object, { ...part, since, pages });
  const from = part ? part.to - lookback_ms : window.from;
  if (!part || part.to < window.to)
    yield* readWindow(context, object, { from, to: window.to, since: part?.to ?? since, pages });
}

async function* readWindow(
  context: ChargebeeContext,
  object: ChargebeeObjectName,
  { from, to, since, pages }: { from: number; to: number; since: number | null; pages: PageStore },
): AsyncGenerator<Batch> {
  const client = chargebeeClient(context);
  const isNew = tokenGuard(`${context.source}: ${object}`);
  let landed = from;
  for (let offset: string | undefined, more = true; more; ) {
    const page: ChargebeePage = await client.page(object, {
      limit: context.options.page_size,
      ...queryOf(from, to),
      offset,
    });
    await pages.add(object, page.bytes, `$.list[*].${object.slice(0, -1)}`);
    if (object === 'invoices') for (const item of page.items) await otherLines(client, pages, item);
    offset = page.next;
    more = offset !== undefined;
    if (offset === undefined) break;
    isNew(offset);
    const reached = (page.items.at(-1)?.updated_at ?? 0) * 1000;
    if (!pages.is_full || reached <= landed) continue;
    landed = reached;
    yield { state: { since, part: { from: reached, to } } };
  }
  yield { state: { since: to, part: null } };
}

/** Chargebee leaves the bounds themselves out, and knows whole seconds alone. */
function queryOf(from: number, to: number) {
  return {
    include_deleted: true,
    'sort_by[asc]': 'updated_at',
    'updated_at[after]': Math.max(0, Math.floor(from / 1000) - 1),
    'updated_at[before]': Math.ceil(to / 1000),
  };
}

/** Lines beyond those that the invoice holds, in pages of the same invoice. */
async function otherLines(
  client: ChargebeeClient,
  pages: PageStore,
  { id, line_items_next_offset }: ChargebeeItem,
): Promise<void> {
  const isNew = tokenGuard(`lines of invoice ${id}`);
  for (let offset = line_items_next_offset; offset !== undefined; ) {
    isNew(offset);
    const answer = await client.invoice(id, offset);
    if (!answer) return;
    await pages.add('other_lines', answer.bytes);
    offset = answer.item.line_items_next_offset;
  }
}
