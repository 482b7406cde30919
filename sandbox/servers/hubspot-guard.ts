// Who may ask HubSpot what, and how often: tokens, scopes, the limits of ten seconds and of searches, and its error envelope.
import type { Answer, SandboxRequest } from './server.ts';

export function unauthorised(request: SandboxRequest, token: string): Answer | undefined {
  if (request.headers.authorization === `Bearer ${token}`) return undefined;
  return failure(401, 'Authentication credentials not found or invalid. This API supports OAuth 2.0 authentication.');
}

/** What a path needs: `crm.objects.<type>.read`, emails their own scope; associations that of either side. */
export function missingScope(request: SandboxRequest, scopes: readonly string[]): Answer | undefined {
  const scope = typesOf(request.path)
    .map(scopeOf)
    .find((needed) => !scopes.includes(needed));
  if (!scope) return undefined;
  return {
    status: 403,
    body: {
      status: 'error',
      message: 'This app hasn’t been granted all required scopes to make this call.',
      category: 'MISSING_SCOPES',
      errors: [
        { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: [scope] } },
      ],
    },
  };
}

function typesOf(path: string): string[] {
  if (path.includes('/owners')) return ['owners'];
  const [, what, type, to] =
    /^\/crm\/(?:v[34]\/)?(objects|properties|associations|pipelines)\/(?:\d{4}-\d\d\/)?([^/]+)(?:\/([^/]+))?/.exec(
      path,
    ) ?? [];
  if (!type) return [];
  return what === 'associations' && to ? [type, to] : [type];
}

function scopeOf(type: string): string {
  if (type.startsWith('2-')) return 'crm.objects.custom.read';
  if (type === 'emails') return 'sales-email-read';
  return `crm.objects.${type === 'calls' || type === 'meetings' ? 'contacts' : type}.read`;
}

export function failure(status: number, message: string): Answer {
  const categories: Record<number, string> = {
    400: 'VALIDATION_ERROR',
    401: 'INVALID_AUTHENTICATION',
    404: 'OBJECT_NOT_FOUND',
    429: 'RATE_LIMITS',
  };
  return {
    status,
    body: {
      status: 'error',
      message,
      correlationId: 'a3a1d0e0-sandbox',
      category: categories[status] ?? 'SERVER_ERROR',
    },
  };
}

export type Limits = { readonly tenSeconds: number; readonly searchSecond: number; readonly day?: number };

/** HubSpot's limits in real time, whatever clock the server shows; the one of a day is that of the server's life. */
export function createLimiter({ tenSeconds, searchSecond, day = Number.POSITIVE_INFINITY }: Limits) {
  let recent: number[] = [];
  let today = 0;
  let searches: number[] = [];
  const refused = (policyName: string): Answer => ({
    status: 429,
    headers: { 'retry-after': '1' },
    body: {
      status: 'error',
      message: `You have reached your ${policyName.toLowerCase()} limit.`,
      errorType: 'RATE_LIMIT',
      policyName,
      category: 'RATE_LIMITS',
    },
  });
  return {
    refuse(request: SandboxRequest): Answer | undefined {
      const now = performance.now();
      recent = recent.filter((at) => at > now - 10_000);
      searches = searches.filter((at) => at > now - 1_000);
      if (++today > day) return refused('DAILY');
      if (recent.length >= tenSeconds) return refused('TEN_SECONDLY_ROLLING');
      const isSearch = request.path.endsWith('/search');
      if (isSearch && searches.length >= searchSecond) return refused('SECONDLY');
      recent.push(now);
      if (isSearch) searches.push(now);
      return undefined;
    },
    headers: () => ({
      'x-hubspot-ratelimit-max': String(tenSeconds),
      'x-hubspot-ratelimit-remaining': String(Math.max(0, tenSeconds - recent.length)),
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
    }),
  };
}
