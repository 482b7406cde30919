// The `crossbeam` connector: overlaps of our accounts with partners' populations (account mapping). Crossbeam dates no overlap
// and counts what is read against the plan's export limit, so after a first reading only changes are asked for.
import { checkEach, readable } from '../check.ts';
import type { ApiConnector, CheckLine, ConnectorContext } from '../connector.ts';
import type { HttpClient, Refusal } from '../http.ts';
import { losses } from '../losses.ts';
import { signedInClient } from '../sign-in.ts';
import { type Directory, itemsOf, type Listed, readDirectory } from './crossbeam/directory.ts';
import { overlaps } from './crossbeam/mapping.ts';
import { type CrossbeamOptions, options } from './crossbeam/options.ts';
import { readOverlaps } from './crossbeam/reading.ts';

type Context = ConnectorContext<CrossbeamOptions>;

export const crossbeam: ApiConnector<CrossbeamOptions> = {
  name: 'crossbeam',
  options,
  delivers: ['account_overlaps'],

  async check(context) {
    const client = clientOf(context);
    const { organization } = context.options;
    const profile = (await client.get('/v1/users/me')).json<Profile>();
    const member = profile.authorizations?.some((entry) => entry.organization?.uuid === organization);
    const lines: CheckLine[] = [
      { subject: 'organization', ok: member === true, detail: member ? organization : notAMember(profile) },
    ];
    if (!member) return lines;
    const directory = await readDirectory(client, { ...context, origin: context.source });
    const needs = [{ subject: 'overlaps', without: losses.account_overlaps }];
    return [
      ...lines,
      ...directoryLines(directory),
      ...(await checkEach(needs, () => askForOverlaps(client, context.source))),
    ];
  },

  async objects(context) {
    const { page_size, full_read_days } = context.options;
    const origin = `${context.source}: overlaps`;
    return [
      {
        object: 'overlaps',
        records: [overlaps(context.source)],
        query: { version: 'v1', limit: page_size, organization: context.options.organization },
        async *read(reading) {
          const client = clientOf(context);
          const directory = await readDirectory(client, { ...context, origin: context.source });
          const { source, warehouse } = context;
          yield* readOverlaps({ source, client, warehouse, directory, origin, page_size, full_read_days }, reading);
        },
      },
    ];
  },
};

type Profile = { readonly authorizations?: readonly { readonly organization?: { readonly uuid?: string } }[] };

function clientOf({ options, world }: Context): HttpClient {
  const { base_url, token_url, client_id, client_secret, refresh_token, organization } = options;
  return signedInClient(
    world,
    {
      system: 'Crossbeam',
      base_url,
      secrets: [client_secret, refresh_token],
      headers: { 'xbeam-organization': organization },
      limits: [{ requests: 5, per_ms: 1000 }],
      explain,
    },
    {
      token_url,
      token_option: 'token_url',
      form: { grant_type: 'refresh_token', client_id, client_secret, refresh_token },
      hint: 'check `client_id`, `client_secret` and `refresh_token`: authorize the integration again with the scope offline_access for a new refresh token',
    },
  );
}

function explain({ status, text }: Refusal): string | undefined {
  if (/export limit/i.test(text))
    return "the plan's record exports are used up; they are counted anew each month, or ask Crossbeam for more";
  if (status === 403 || status === 400)
    return 'check `organization` (its uuid) and that the integration was authorized with the scopes read:partnerships, read:reports and read:populations';
  return undefined;
}

function notAMember({ authorizations = [] }: Profile): string {
  const known = authorizations.flatMap(({ organization }) => organization?.uuid ?? []);
  return `the person who authorized is no member of it; set \`organization\` to ${known.join(' or ') || 'its uuid'}`;
}

function directoryLines({ our_partner_count, partners, unknown_partners, ...directory }: Directory): CheckLine[] {
  const { populations, unknown_populations } = directory;
  const isFirst = !partners.size && !our_partner_count;
  return [
    {
      subject: 'partners',
      ok: partners.size > 0 || isFirst,
      detail: isFirst
        ? `${unknown_partners.length} in Crossbeam; a run matches them by domain to the partners of a source that is listed above this one`
        : unknown_partners.length
          ? `${partners.size} known; overlaps of ${unknown_partners.length} are left out, since no partner of the other sources has their domain alone: ${namesOf(unknown_partners)}; name them under \`partners\``
          : `${partners.size} known`,
    },
    {
      subject: 'populations',
      ok: populations.size > 0 || !unknown_populations.length,
      detail: unknown_populations.length
        ? `${populations.size} known; left out are ${namesOf(unknown_populations)}; say under \`populations\` what they stand for`
        : populations.size
          ? `${populations.size} known`
          : 'no partner shares one',
    },
  ];
}

function namesOf(entries: readonly { name?: string | null; id: unknown }[]): string {
  const some = entries.slice(0, 5).map(({ name, id }) => name ?? id);
  return `${some.join(', ')}${entries.length > 5 ? ', …' : ''}`;
}

/** One record is read, and counted by Crossbeam. */
async function askForOverlaps(client: HttpClient, origin: string): Promise<string> {
  const answer = await client.get('/v1/overlaps/accounts', { query: { limit: 1 } });
  return readable(itemsOf(answer.json<Listed<unknown>>(), origin));
}
