// The terms of plans that have entries, in the books: written once, chained, never changed. Which terms may be posted is the
// commission step's to say.
import type { PlanTerms, PostedTerms } from '../attribution/commission/books-port.ts';
import { type Connection, headOf, insertRow, link, moveHead, termsColumns } from './books-chain.ts';

/** The terms of every plan version that has entries, those of a version in the order in which they came. */
export function postedTerms(connection: Connection): PostedTerms[] {
  return connection
    .prepare('select plan, plan_version, first_batch, terms from plan_terms order by plan, plan_version, first_batch')
    .all() as PostedTerms[];
}

/** Keeps terms that differ from those that the version's last entries were posted under: the first ones, or amended ones. */
export function keepTerms(connection: Connection, { plan, plan_version, terms }: PlanTerms, batch: bigint): void {
  const last = connection
    .prepare('select terms from plan_terms where plan = ? and plan_version = ? order by first_batch desc limit 1')
    .get(plan, plan_version) as PlanTerms | undefined;
  if (last?.terms !== terms) addTerms(connection, { plan, plan_version, terms, first_batch: batch });
}

/** Links terms to those before. */
export function addTerms(connection: Connection, terms: PostedTerms): void {
  const head = headOf(connection, 'terms');
  const row = { ...terms, sequence: head.sequence + 1n };
  const hash = link(head.hash, termsColumns, row);
  insertRow(connection, 'plan_terms', [...termsColumns, 'hash'], { ...row, hash });
  moveHead(connection, 'terms', { sequence: row.sequence, hash });
}
