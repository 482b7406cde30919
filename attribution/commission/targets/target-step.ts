// Folds the events of every partner that changed and writes what they changed in its targets: first of partners whose fold goes on
// from where it stood, then, from the beginning, of the others.
import { readCurrencies } from '../../money/money-tables.ts';
import { readChanged, type Stand, settleStarts } from '../changed.ts';
import { newCalendar } from '../plans/calendar.ts';
import type { CommissionWriters } from '../tables.ts';
import { readHeldUp, readProducts, writeEventRows, writeWhoChanged } from './event-rows.ts';
import { type FoldInput, type FoldPass, type FoldTerms, type FoldWriters, foldRows } from './fold-pass.ts';
import { newFoldState } from './fold-state.ts';
import { type Summaries, summaries } from './fold-summary.ts';
import { FoldKeeper, readFolds } from './kept-folds.ts';

export interface TargetInput extends FoldInput {
  readonly stand: Stand;
}

/** Gives the number of event rows and of changes. */
export async function foldEvents(
  input: TargetInput,
  writers: CommissionWriters,
): Promise<{ events: number; changes: number }> {
  const { warehouse, stand, config, book } = input;
  await writeWhoChanged(warehouse, stand, input);
  const terms = await readFoldTerms(input);
  const calendar = newCalendar(config.reporting.fiscal_year_start_month);
  const kept = summaries(book, calendar);
  const keeper = new FoldKeeper(kept);
  const folded: FoldPass['folded'] = (party, state) => keeper.take(party, state);
  let events = 0;
  if (stand) {
    events += await goOn(terms, { writers, folded, kept });
    await writeEventRows(warehouse, input, 'begins');
  }
  events += await foldRows(terms, { writers, folded, stateOf: () => newFoldState(calendar) });
  await keeper.keep(warehouse);
  const changes = await writers.commission_change.close();
  await writers.commission_rate_gap.close();
  await writers.commission_expected.close();
  return { events, changes };
}

async function readFoldTerms(input: FoldInput): Promise<FoldTerms> {
  const { warehouse } = input;
  return {
    ...input,
    products: await readProducts(warehouse),
    currencies: await readCurrencies(warehouse),
    changed: await readChanged(warehouse),
  };
}

/** Folds what came since the last run. What cannot go on is left to begin. */
async function goOn(
  terms: FoldTerms,
  { writers, folded, kept }: Pick<FoldPass, 'writers' | 'folded'> & { readonly kept: Summaries },
): Promise<number> {
  const { warehouse } = terms;
  const folds = await readFolds(warehouse);
  if (folds.size === 0) return 0;
  await writeEventRows(warehouse, terms, 'goes_on');
  const begins = new Set(await readHeldUp(warehouse));
  const held = heldRows(writers);
  const events = await foldRows(terms, {
    writers: held.writers,
    folded,
    stateOf: (party) => {
      const { text, deals } = folds.get(party)!;
      return begins.has(party) ? undefined : kept.read(text, deals);
    },
    ended: held.release,
    notHeld: (party) => {
      held.drop();
      begins.add(party);
    },
  });
  await settleStarts(warehouse, [...begins]);
  return events;
}

/** Writers that hold rows back until the partner's fold has come through. */
function heldRows(writers: FoldWriters) {
  let held: (() => void)[] = [];
  const holding = <Row>(writer: { write(row: Row): void }) => ({
    write: (row: Row) => {
      held.push(() => writer.write(row));
    },
  });
  return {
    writers: {
      commission_change: holding(writers.commission_change),
      commission_rate_gap: holding(writers.commission_rate_gap),
      commission_expected: holding(writers.commission_expected),
    },
    release: () => {
      for (const write of held) write();
      held = [];
    },
    drop: () => {
      held = [];
    },
  };
}
