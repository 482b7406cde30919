// Systems that give an access token for credentials (OAuth 2.0): asked for when it is first needed, and anew after a 401.
import { SourceError } from '../core/errors.ts';
import type { World } from './connector.ts';
import { type HttpClient, type HttpOptions, httpClient } from './http.ts';

export type SignIn = {
  readonly token_url: string;
  /** The option of the source that says where that is. */
  readonly token_option: string;
  /** The grant with its credentials. */
  readonly form: Readonly<Record<string, string>>;
  /** What mends a sign-in that is refused. */
  readonly hint: string;
};

type ClientOptions = Omit<HttpOptions, 'secrets' | 'authorise' | 'refresh'> & { readonly secrets: readonly string[] };

/** A client that signs in by itself; no message holds the token. */
export function signedInClient(
  world: World,
  options: ClientOptions,
  { token_url, token_option, form, hint }: SignIn,
): HttpClient {
  const { system } = options;
  let access_token: string | undefined;
  const secrets = () => [...options.secrets, ...(access_token ? [access_token] : [])];
  const tokens = httpClient(world, {
    system,
    base_url: new URL(token_url).origin,
    secrets,
    explain: ({ status }) => (status < 500 ? hint : undefined),
  });
  const refresh = async () => {
    const answer = await tokens.post(token_url, { form });
    access_token = answer.json<{ access_token?: string }>().access_token;
    if (!access_token)
      throw new SourceError(`${system}: the answer to the sign-in holds no token`, {
        hint: `check \`${token_option}\` of this source in sourced.yaml`,
      });
  };
  return httpClient(world, {
    ...options,
    secrets,
    refresh,
    authorise: async () => {
      if (!access_token) await refresh();
      return { authorization: `Bearer ${access_token}` };
    },
  });
}
