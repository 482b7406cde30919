// What `sourced check` says about a programme: which lists can be read, how many referrals find an account, what groups mean.
import { checkEach, readable } from '../../check.ts';
import type { CheckLine } from '../../connector.ts';
import type { HttpClient } from '../../http.ts';
import { losses } from '../../losses.ts';
import type { Delivered, PartnerStackOptions } from './options.ts';

type List = { readonly object: string; readonly streams: readonly Delivered[] };

export async function checkProgramme(
  client: HttpClient,
  lists: readonly List[],
  options: PartnerStackOptions,
): Promise<CheckLine[]> {
  const needs = lists.map((list) => ({ ...list, subject: list.object, without: losses[list.streams[0]!] }));
  const lines = await checkEach(needs, async ({ object, streams }) => {
    const answer = await client.get(object, { query: { limit: object === 'customers' ? sampled : 1 } });
    const { data } = answer.json<{ data?: { items?: readonly Customer[] } }>();
    const found = object === 'customers' && data?.items?.length ? `; ${linkedOf(data.items, options)}` : '';
    return `${readable(data?.items ?? [])}: ${streams.join(', ')}${found}`;
  });
  return lines.some(({ ok }) => ok) ? [...lines, ...(await checkGroups(client, options))] : lines;
}

/** Of so many customers it is looked at whether they say whose they are. */
const sampled = 100;

type Customer = Readonly<Record<string, unknown>>;

/** A referral that names nobody is in no journey. */
function linkedOf(customers: readonly Customer[], { fields }: PartnerStackOptions): string {
  const names = (['account_id', 'contact_id', 'deal_id'] as const).map(
    (column) => fields.touchpoints?.[column] ?? column,
  );
  const isLinked = (customer: Customer) =>
    [customer.field_data, customer.meta, customer].some((place) =>
      names.some((name) => (place as Customer | null | undefined)?.[name]),
    );
  return `${customers.filter(isLinked).length} of the last ${customers.length} customers name an account, contact or deal (fields.touchpoints)`;
}

/** Groups say what a partner's motion and plan are; one that sourced.yaml does not name is worth a line. */
async function checkGroups(client: HttpClient, { groups, motion, streams }: PartnerStackOptions): Promise<CheckLine[]> {
  if (!streams.includes('partners') && !streams.includes('partner_agreements')) return [];
  const answer = await client.get('groups', { query: { limit: 250 }, accept: [400, 401, 403, 404] });
  if (answer.status !== 200) return [];
  const { data } = answer.json<{ data?: { items?: readonly { slug?: string }[] } }>();
  const slugs = (data?.items ?? []).flatMap(({ slug }) => slug ?? []);
  const detailOf = (slug: string) => {
    const { motion: own, plan } = groups[slug] ?? {};
    return `${own ?? `${motion} (the default of the source)`}, ${plan ? `paid by ${plan}` : `paid by the motion's default plan`}`;
  };
  return [
    ...slugs.map((slug) => ({ subject: `group ${slug}`, ok: true, detail: detailOf(slug) })),
    ...Object.keys(groups)
      .filter((slug) => !slugs.includes(slug))
      .map((slug) => ({
        subject: `group ${slug}`,
        ok: false,
        detail: `PartnerStack has no such group; it has ${slugs.join(', ') || 'none'}`,
      })),
  ];
}
