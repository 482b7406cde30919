// The terms of plans that have entries: they stay as they were posted, or as a second person approved an amendment of them.
import type { Config } from '../../../core/config.ts';
import { ConfigError } from '../../../core/errors.ts';
import { literal } from '../../../core/sql.ts';
import type { WarehousePort } from '../../ports.ts';
import type { BooksPort, PlanTerms } from '../books-port.ts';
import { overridesInForce } from '../earners/overrides.ts';

/** The terms of each version, with keys in a fixed order. */
export function termsOf(plans: Config['plans']): PlanTerms[] {
  return plans.map((plan) => ({ plan: plan.plan, plan_version: plan.starts_on, terms: canonicalJson(plan) }));
}

/**
 * A version that has entries stays as it was (domain.md §8), or as the amendment says that a second person approved: from then
 * on the former terms are an edit as well, until the amendment is revoked. Throws ConfigError otherwise.
 */
export async function refuseEditedPlans(
  warehouse: WarehousePort,
  books: BooksPort,
  plans: Config['plans'],
): Promise<void> {
  const configured = termsOf(plans);
  const amendments = overridesInForce(books.decisions.list()).filter(({ kind }) => kind === 'plan_amendment');
  const problems: string[] = [];
  const posted = Map.groupBy(books.ledger.planTerms(), ({ plan, plan_version }) => `${plan}@${plan_version}`);
  for (const [subject, [first]] of posted) {
    const { plan, plan_version, terms } = first!;
    const now = configured.find((version) => version.plan === plan && version.plan_version === plan_version);
    const amendment = amendments.find(({ subject_id }) => subject_id === subject);
    const digest = now && (await termsDigest(warehouse, now.terms));
    if (amendment ? digest === amendment.object_id : now?.terms === terms) continue;
    const which = `the plan ${plan} of ${plan_version} has ledger entries and`;
    if (!digest) problems.push(`${which} was taken out`);
    else if (now.terms === terms)
      problems.push(
        `${which} is as it was before it was amended (to go back: sourced override revoke ${amendment?.override_id} --reason …)`,
      );
    else
      problems.push(
        `${which} was edited (amendment: sourced override add plan_amendment ${subject} ${digest} --reason …)`,
      );
  }
  if (problems.length)
    throw new ConfigError(
      problems.join('\n'),
      'put it back as it was and add a version of the plan with a later `starts_on`; or amend it, with a reason and a second person’s approval',
    );
}

/** Names edited terms, so that an approval is of these terms and no others. */
async function termsDigest(warehouse: WarehousePort, terms: string): Promise<string> {
  const [row] = await warehouse.rows<{ digest: string }>(
    `select 'terms-' || left(sha256(${literal(terms)}), 16) as digest`,
  );
  return row!.digest;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
