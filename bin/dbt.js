#!/usr/bin/env node
// `dbt`: the pinned dbt-core + dbt-duckdb with this project's profile, in the project's own virtual environment.
import { run } from './pinned-node.js';

run('pipeline/dbt-cli.ts', process.argv.slice(2));
