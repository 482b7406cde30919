// Stripe over HTTP: pages and single objects in one pinned API version, with test-mode objects refused in a live workspace.
import { type HttpClient, httpClient, type Refusal } from '../../http.ts';
import { RequestError } from '../../request-error.ts';
import { tokenGuard } from '../../window.ts';
import type { StripeContext } from '../stripe.ts';

/** The shapes that the mappings know; Stripe answers in them as long as it exists. */
export const apiVersion = '2026-10-28.endive';

/** A member of a page, as far as reading needs it. */
export type StripeItem = {
  readonly id: string;
  readonly created?: number;
  readonly livemode?: boolean;
  readonly deleted?: boolean;
  readonly type?: string;
  readonly data?: {
    readonly object: { readonly id: string; readonly object: string; readonly payment_intent?: unknown };
  };
  readonly lines?: { readonly has_more: boolean; readonly data: readonly { readonly id: string }[] };
  readonly payment_intent?: unknown;
};
export type StripePage = {
  readonly data: readonly StripeItem[];
  readonly has_more: boolean;
  readonly bytes: Uint8Array;
};
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export type StripeClient = {
  /** One page of a list. */
  page(path: string, query: Query): Promise<StripePage>;
  /** One object; undefined where Stripe does not know it. */
  object(path: string): Promise<{ readonly item: StripeItem; readonly bytes: Uint8Array } | undefined>;
};

export function stripeClient(context: StripeContext, { attempts }: { attempts?: number } = {}): StripeClient {
  const { options } = context;
  const http = clientOf(context, attempts);
  const assertMode = (items: readonly StripeItem[]) => {
    const test = options.live && items.find(({ livemode }) => livemode === false);
    if (test)
      throw new RequestError(`Stripe: ${test.id} is an object of test mode, and this workspace is live`, {
        status: 200,
        hint: 'use a key of live mode, or set `live: false` for this source if it is a test workspace',
      });
  };
  return {
    async page(path, query) {
      const answer = await http.get(path, { query: { limit: options.page_size, ...query } });
      const { data, has_more } = answer.json<{ data?: StripeItem[]; has_more?: boolean }>();
      if (!Array.isArray(data) || typeof has_more !== 'boolean')
        throw new RequestError(`Stripe: the answer to ${path} is no list`, {
          status: answer.status,
          hint: 'check `base_url` of this source in sourced.yaml',
        });
      assertMode(data);
      return { data, has_more, bytes: answer.bytes };
    },
    async object(path) {
      const answer = await http.get(path, { accept: [404] });
      if (answer.status === 404) return undefined;
      const item = answer.json<StripeItem>();
      assertMode([item]);
      return { item, bytes: answer.bytes };
    },
  };
}

/** All pages of a list from `after` on; `next` is the id that the following page begins after. */
export async function* pagesOf(
  client: StripeClient,
  path: string,
  { query, after, origin }: { query: Query; after?: string | undefined; origin: string },
): AsyncGenerator<{ readonly page: StripePage; readonly next: string | undefined }> {
  const isNew = tokenGuard(origin);
  if (after !== undefined) isNew(after);
  for (let from = after, more = true; more; ) {
    const page = await client.page(path, { ...query, starting_after: from });
    const last = page.data.at(-1)?.id;
    more = page.has_more && last !== undefined;
    if (more) isNew(last!);
    yield { page, next: more ? last : undefined };
    from = last;
  }
}

function clientOf({ options, world }: StripeContext, attempts: number | undefined): HttpClient {
  const { api_key, base_url, live, requests_per_second } = options;
  return httpClient(world, {
    system: 'Stripe',
    base_url,
    secrets: [api_key],
    headers: { 'stripe-version': apiVersion },
    authorise: async () => ({ authorization: `Bearer ${api_key}` }),
    limits: [{ requests: requests_per_second ?? (live ? 80 : 20), per_ms: 1000 }],
    explain,
    ...(attempts && { attempts }),
  });
}

function explain({ status, text }: Refusal): string | undefined {
  if (status === 401)
    return 'make a new restricted key with read access (Developers → API keys in the Stripe dashboard) and set `api_key` of this source';
  const permission = /'(rak_\w+)'/.exec(text)?.[1];
  if (status === 403)
    return `give the restricted key the permission ${permission ?? 'that the message names'} (Developers → API keys → edit), or use one that has it`;
  return undefined;
}
