#!/usr/bin/env node
// Runs any script of the repository with the pinned Node.js: node bin/node.js <script> [arguments].
import { run } from './pinned-node.js';

run(process.argv[2], process.argv.slice(3));
