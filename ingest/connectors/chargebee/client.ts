// Chargebee over HTTP: pages of a list with their opaque offset, and the lines that an invoice does not hold itself.
import { type Answer, httpClient, type Refusal } from '../../http.ts';
import { RequestError } from '../../request-error.ts';
import type { ChargebeeContext } from '../chargebee.ts';

/** A member of a page, as far as reading needs it. */
export type ChargebeeItem = {
  readonly id: string;
  readonly updated_at?: number;
  readonly line_items_next_offset?: string;
};
export type ChargebeePage = {
  readonly items: readonly ChargebeeItem[];
  readonly next: string | undefined;
  readonly bytes: Uint8Array;
};
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type ChargebeeClient = {
  page(collection: string, query: Query): Promise<ChargebeePage>;
  /** An invoice with its lines from an offset on; undefined where it is gone. */
  invoice(
    id: string,
    line_items_offset: string,
  ): Promise<{ readonly item: ChargebeeItem; readonly bytes: Uint8Array } | undefined>;
};

export function chargebeeClient(
  { options, world }: ChargebeeContext,
  { attempts }: { attempts?: number } = {},
): ChargebeeClient {
  const http = httpClient(world, {
    system: 'Chargebee',
    base_url: options.base_url ?? `https://${options.site}.chargebee.com/api/v2`,
    secrets: [options.api_key],
    authorise: async () => ({ authorization: `Basic ${Buffer.from(`${options.api_key}:`).toString('base64')}` }),
    limits: [{ requests: options.requests_per_minute, per_ms: 60_000 }],
    explain,
    ...(attempts && { attempts }),
  });
  return {
    async page(collection, query) {
      const answer = await http.get(`/${collection}`, { query });
      const { list, next_offset } = bodyOf(answer);
      if (!Array.isArray(list))
        throw new RequestError(`Chargebee: the answer to /${collection} is no list`, {
          status: answer.status,
          hint: 'check `site` and `base_url` of this source in sourced.yaml',
        });
      const kind = collection.slice(0, -1);
      const items = list.map((entry) => entry[kind]).filter((item) => item !== undefined);
      return { items, next: next_offset, bytes: answer.bytes };
    },
    async invoice(id, line_items_offset) {
      const path = `/invoices/${encodeURIComponent(id)}`;
      const answer = await http.get(path, { query: { line_items_offset }, accept: [404] });
      if (answer.status === 404) return undefined;
      return { item: answer.json<{ invoice: ChargebeeItem }>().invoice, bytes: answer.bytes };
    },
  };
}

type Body = { readonly list?: readonly Readonly<Record<string, ChargebeeItem>>[]; readonly next_offset?: string };

function bodyOf(answer: Answer): Body {
  return answer.json<Body>() ?? {};
}

function explain({ status }: Refusal): string | undefined {
  if (status === 401)
    return 'make a new read-only key (Settings → Configure Chargebee → API Keys) of this site and set `api_key` and `site` of this source';
  if (status === 403)
    return 'the key may not read this; make a read-only key for all of the site (Settings → Configure Chargebee → API Keys)';
  return undefined;
}
