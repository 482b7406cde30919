// Statements and their lines, for the company and for the partner they belong to.
import type { Principal } from './auth.ts';
import { ApiProblem } from './errors.ts';
import { jsonRow } from './faces.ts';
import { conditions } from './filters.ts';
import { type ListQuery, readAll } from './lists.ts';
import type { Release } from './release-store.ts';
import { Statement } from './schemas.ts';

interface StatementsQuery {
  readonly statement_id?: string;
  readonly month?: string | undefined;
  readonly partner_id?: string | undefined;
  readonly state?: string | undefined;
}

export function statements(query: StatementsQuery): ListQuery {
  const { where, parameters } = conditions(
    ['statement_id = $statement_id', { statement_id: query.statement_id }],
    [`month = CAST($month || '-01' AS DATE)`, { month: query.month }],
    ['statement.partner_id = $partner_id', { partner_id: query.partner_id }],
    ['state = $state', { state: query.state }],
  );
  return {
    sql: `SELECT statement.*, dim_partner.name AS partner_name, statement_id AS explain_id
      FROM fct_statement AS statement LEFT JOIN dim_partner USING (partner_id) ${where}`,
    parameters,
    order: [{ name: 'month', descending: true }, { name: 'statement_id' }],
  };
}

/** The head of a statement. Another partner's statement is not there (contract §7). */
export async function statementOf(
  release: Release,
  { role, partner_id }: Principal,
  statement_id: string,
): Promise<object> {
  const own = role === 'partner' ? { partner_id: partner_id ?? '' } : {};
  const [row] = await readAll(release, Statement.columns, statements({ statement_id, ...own }));
  if (!row) throw new ApiProblem('not_found', `There is no statement ${statement_id}.`);
  return jsonRow(Statement, row, release.manifest.reporting_currency);
}

export function statementLines(statement_id: string): ListQuery {
  return {
    sql: `SELECT *, line_id AS explain_id, coalesce(position, 0) AS order_count
      FROM fct_statement_line WHERE statement_id = $statement_id`,
    parameters: { statement_id },
    order: [{ name: 'order_count' }, { name: 'line_id' }],
  };
}
