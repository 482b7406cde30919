// What a request may look like: no parameter twice, no `__proto__`, JSON bodies without a repeated key.
import type { FastifyInstance } from 'fastify';
import { ApiProblem } from './errors.ts';

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

/** Adds the strict reading of query strings and bodies to an app. */
export function readStrictly(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ url }) => refuseAmbiguousQuery(url));
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    parseJson(request, text, (error, value) => {
      const repeated = error ? undefined : repeatedKey(text);
      if (repeated === undefined) done(error, value);
      else done(new ApiProblem('key_repeated', `The key ${JSON.stringify(repeated)} stands twice in one object.`));
    });
  });
}

function refuseAmbiguousQuery(url: string): void {
  const start = url.indexOf('?');
  if (start < 0) return;
  const seen = new Set<string>();
  for (const name of new URLSearchParams(url.slice(start + 1)).keys()) {
    if (forbiddenNames.has(name)) throw new ApiProblem('parameter_unknown', `There is no parameter ${name}.`);
    if (seen.has(name)) throw new ApiProblem('parameter_repeated', `Give ${name} once.`);
    seen.add(name);
  }
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** The first key that stands twice in one object of a valid JSON text. */
export function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let pending: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && pending !== undefined) {
      const keys = open.at(-1);
      if (keys?.has(pending)) return pending;
      keys?.add(pending);
    }
    pending = token.startsWith('"') ? (JSON.parse(token) as string) : undefined;
  }
  return undefined;
}
