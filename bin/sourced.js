#!/usr/bin/env node
// `sourced`: hands over to the pinned Node.js, from any directory and under any starting Node.
import { run } from './pinned-node.js';

run('pipeline/cli.ts', process.argv.slice(2));
