// Counts and durations of requests in the Prometheus text format. No figure of the company is in them.
import type { FastifyInstance } from 'fastify';
import type { ReleaseStore } from './release-store.ts';

const buckets = [0.005, 0.025, 0.1, 0.5, 2.5];

interface Series {
  count: number;
  seconds: number;
  readonly within: number[];
}

/** Counts every answer by route and status; gives the text of /metrics. */
export function measure(app: FastifyInstance, store: ReleaseStore): () => string {
  const series = new Map<string, Series>();
  app.addHook('onResponse', async (request, reply) => {
    const labels = `method="${request.method}",route="${request.routeOptions.url ?? 'none'}",status="${reply.statusCode}"`;
    const entry = series.get(labels) ?? { count: 0, seconds: 0, within: buckets.map(() => 0) };
    const seconds = reply.elapsedTime / 1000;
    entry.count++;
    entry.seconds += seconds;
    for (const [index, bound] of buckets.entries()) if (seconds <= bound) entry.within[index]!++;
    series.set(labels, entry);
  });
  return () => textOf(series, store);
}

function textOf(series: ReadonlyMap<string, Series>, store: ReleaseStore): string {
  const name = 'sourced_http_request_duration_seconds';
  const lines = [`# HELP ${name} Time to answer, by route and status`, `# TYPE ${name} histogram`];
  for (const [labels, { count, seconds, within }] of series) {
    for (const [index, bound] of buckets.entries())
      lines.push(`${name}_bucket{${labels},le="${bound}"} ${within[index]}`);
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`, `${name}_sum{${labels}} ${seconds.toFixed(6)}`);
    lines.push(`${name}_count{${labels}} ${count}`);
  }
  const manifest = store.peek()?.manifest;
  if (manifest) {
    lines.push(
      '# HELP sourced_release_created_seconds When the served release was written',
      '# TYPE sourced_release_created_seconds gauge',
    );
    lines.push(
      `sourced_release_created_seconds{release_id="${manifest.release_id}"} ${Date.parse(manifest.created_at) / 1000}`,
    );
  }
  lines.push('# HELP process_uptime_seconds Age of the process', '# TYPE process_uptime_seconds gauge');
  lines.push(`process_uptime_seconds ${process.uptime().toFixed(0)}`);
  return `${lines.join('\n')}\n`;
}
