// The plumbing of all sandbox servers: a port that another program has is refused in a way that its caller can catch.
import { expect, test } from 'vitest';
import { startServer } from '../../../sandbox/servers/server.ts';

test('a taken port is an error to its caller, not the end of the process', async () => {
  const first = await startServer({ routes: [] });
  await expect(startServer({ routes: [], port: Number(new URL(first.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await first.close();
});
