// Summaries of folds in the warehouse: read for partners whose fold goes on, replaced for every partner that changed.
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import { customerOf } from '../earners/evidence.ts';
import type { FoldState } from './fold-state.ts';
import type { FoldSummary, NamedDeal, Summaries } from './fold-summary.ts';

interface KeptFold {
  readonly text: string;
  readonly deals: readonly NamedDeal[];
}

/** By party: where the folds that go on stood. A deal that is no more is of a partner whose fold begins. */
export async function readFolds(warehouse: WarehousePort): Promise<ReadonlyMap<number, KeptFold>> {
  const folds = await warehouse.rows<{ party_index: number; text: string }>(`
    select changed.party_index, fold.text
    from attribution.commission_changed as changed
    inner join attribution.commission_fold as fold on changed.partner_id = fold.partner_id
    where changed.goes_on`);
  const deals = await warehouse.rows<NamedDeal & { party_index: number }>(`
    select changed.party_index, deal.deal_index as deal, ${customerOf('deal')} as customer
    from attribution.commission_changed as changed
    inner join attribution.commission_fold_deal as named on changed.partner_id = named.partner_id
    inner join journeys.deal as deal on named.deal_id = deal.deal_id
    where changed.goes_on
    order by changed.party_index, named.place`);
  const byParty = Map.groupBy(deals, ({ party_index }) => party_index);
  return new Map(folds.map(({ party_index, text }) => [party_index, { text, deals: byParty.get(party_index) ?? [] }]));
}

/** Collects summaries and puts them in place of those of partners that changed. */
export class FoldKeeper {
  readonly #summaries: Summaries;
  readonly #taken = new Map<number, FoldSummary>();

  constructor(summaries: Summaries) {
    this.#summaries = summaries;
  }

  take(party: number, state: FoldState): void {
    this.#taken.set(party, this.#summaries.write(state));
  }

  async keep(warehouse: WarehousePort): Promise<void> {
    await warehouse.run(`
      create table if not exists attribution.commission_fold (partner_id varchar, text varchar);
      create table if not exists attribution.commission_fold_deal (partner_id varchar, place integer, deal_id varchar)`);
    const folds = [...this.#taken].map(([party_index, { text }]) => ({ party_index, text }));
    const deals = [...this.#taken].flatMap(([party_index, summary]) =>
      summary.deals.map((deal_index, place) => ({ party_index, place, deal_index })),
    );
    await writeTable(warehouse, 'attribution.commission_fold_now', { party_index: 'integer', text: 'varchar' }, folds);
    const named = { party_index: 'integer', place: 'integer', deal_index: 'integer' };
    await writeTable(warehouse, 'attribution.commission_fold_deal_now', named, deals);
    for (const table of ['commission_fold', 'commission_fold_deal'])
      await warehouse.run(`
        delete from attribution.${table}
        where partner_id in (select changed.partner_id from attribution.commission_changed as changed)`);
    await warehouse.run(`
      insert into attribution.commission_fold
      select party.party_id, fold.text
      from attribution.commission_fold_now as fold
      inner join journeys.party as party on fold.party_index = party.party_index;
      insert into attribution.commission_fold_deal
      select party.party_id, named.place, deal.deal_id
      from attribution.commission_fold_deal_now as named
      inner join journeys.party as party on named.party_index = party.party_index
      inner join journeys.deal as deal on named.deal_index = deal.deal_index;
      drop table attribution.commission_fold_now;
      drop table attribution.commission_fold_deal_now`);
  }
}
