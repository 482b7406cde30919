// A plan in words, as statements say it: by the terms that stood when a line was posted, whatever was amended since.
import { plan } from '../../../core/programme.ts';
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import type { PostedTerms } from '../books-port.ts';
import { type FlatComponent, type PercentComponent, planVersion } from './plan.ts';

/** `attribution.plan_words`: one row a component and terms, with the postings that came under them. */
export async function writePlanWords(warehouse: WarehousePort, posted: readonly PostedTerms[]): Promise<void> {
  const rows = posted.flatMap((terms, index) => {
    const { pool_share, cap, components } = planVersion(plan.parse(JSON.parse(terms.terms)));
    return components.map((component) => ({
      ...terms,
      end_batch: endOf(posted, index),
      component: component.name,
      months: component.kind === 'percent' ? component.months : null,
      words: wordsOf(component),
      pool_words: pool_share && percentOf(pool_share),
      cap_minor: cap?.amount_minor ?? null,
      cap_per: cap?.per.replace('_', ' ') ?? null,
    }));
  });
  await writeTable(
    warehouse,
    'attribution.plan_words',
    {
      plan: 'varchar',
      plan_version: 'varchar',
      first_batch: 'bigint',
      end_batch: 'bigint',
      component: 'varchar',
      months: 'integer',
      words: 'varchar',
      pool_words: 'varchar',
      cap_minor: 'bigint',
      cap_per: 'varchar',
    },
    rows,
  );
}

/** The posting from which the next terms of the version stand; null for those that stand now. */
function endOf(posted: readonly PostedTerms[], index: number): bigint | null {
  const [now, next] = [posted[index]!, posted[index + 1]];
  return next?.plan === now.plan && next.plan_version === now.plan_version ? next.first_batch : null;
}

/** A component in words: "20 %", "5 % to 12.5 % by tier", "once per customer". */
export function wordsOf(component: PercentComponent | FlatComponent): string {
  if (component.kind === 'flat') return `once per ${component.once_per}`;
  if (component.rate) return percentOf(component.rate);
  const { bands, mode } = component.tiers!;
  const [first, last] = [percentOf(bands[0]!.rate), percentOf(bands.at(-1)!.rate)];
  return `${first === last ? first : `${first} to ${last}`} by ${mode} tier`;
}

/** A share of one as percent without trailing zeros; exact, since rates are decimals. */
function percentOf({ numerator, denominator }: { numerator: bigint; denominator: bigint }): string {
  const digits = String(denominator).length - 1;
  const whole = (numerator * 100n).toString().padStart(digits + 1, '0');
  const fraction = digits ? whole.slice(-digits).replace(/0+$/, '') : '';
  return `${whole.slice(0, whole.length - digits)}${fraction && `.${fraction}`} %`;
}
