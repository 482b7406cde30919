// How much memory the parts of a run may take together with the machine's other work.
import { totalmem } from 'node:os';

/**
 * What DuckDB may hold in memory, in dbt and in the job alike: half of the machine, at most 6 GB, which a company of ten million
 * touchpoints does with; beyond it DuckDB spills beside the file. SOURCED_MEMORY overrides it.
 */
export const memoryLimit = process.env.SOURCED_MEMORY ?? `${Math.min(6144, Math.floor(totalmem() / 2 ** 21))}MB`;
