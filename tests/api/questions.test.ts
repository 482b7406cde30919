// Every endpoint × every role: who may ask gets an answer of the declared shape, everyone else is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../api/schemas.ts';
import { secrets, tinyApp } from './fixture.ts';
import { type Asker, questions } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

test('the list of questions is the list of routes', () => {
  const { paths = {} } = tiny.app.swagger() as { paths?: Record<string, object> };
  const asked = Object.keys(paths).filter((path) => path.startsWith('/v1/') && 'get' in paths[path]!);
  expect(asked.sort()).toEqual(questions.map(({ path }) => path).sort());
});

describe.each(questions)('$path', ({ url, askers, schema, min_rows = 0 }) => {
  test.each(Object.keys(secrets) as Asker[])('asked by %s', async (asker) => {
    const answer = await tiny.get(url, secrets[asker]);
    if (askers.includes(asker)) {
      expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
      const parsed = schema.safeParse(answer.json());
      expect(parsed.error?.issues).toBeUndefined();
      if (asker !== 'other_partner') expect((answer.json().items ?? []).length).toBeGreaterThanOrEqual(min_rows);
    } else {
      expect([403, 404]).toContain(answer.statusCode);
      expect(Problem.parse(answer.json()).code).toMatch(/role_not_allowed|not_found/);
    }
  });

  test('asked by nobody', async () => {
    const answer = await tiny.app.inject({ method: 'GET', url });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json().code).toBe('unauthenticated');
  });

  test('asked with an unknown key', async () => {
    expect((await tiny.get(url, 'wrong')).json().code).toBe('key_unknown');
  });
});
