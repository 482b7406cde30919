// Every answer of the API, by subject. The OpenAPI document, the reference page and the pages' types come from these.
export * from './schemas/commissions.ts';
export * from './schemas/common.ts';
export * from './schemas/deals.ts';
export * from './schemas/explain.ts';
export * from './schemas/programme.ts';
export * from './schemas/quality.ts';
export * from './schemas/releases.ts';
export * from './schemas/revenue.ts';
export * from './schemas/statements.ts';
