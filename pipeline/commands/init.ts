// `sourced init [DIR]`: a commented sourced.yaml, its JSON Schema for editors, and a folder for files.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { configJsonSchema } from '../../core/config.ts';
import { UsageError } from '../../core/errors.ts';
import { withDefinitions } from '../../core/json-schema.ts';
import { nearest } from '../../core/nearest.ts';
import { registered } from '../workspace.ts';
import { globalOptions } from './context.ts';
import { configText, systemNames, variablesOf } from './templates.ts';

export function addInit(program: Command): void {
  program
    .command('init [dir]')
    .description('write a commented sourced.yaml and its JSON Schema')
    .option(
      '--connectors <names>',
      `read these systems, such as hubspot,stripe,partnerstack (${systemNames.join(', ')})`,
    )
    .action((dir: string | undefined, { connectors }: { connectors?: string }, command: Command) => {
      const systems = systemsOf(connectors);
      const directory = resolve(dir ?? globalOptions(command).workspace);
      const file = join(directory, 'sourced.yaml');
      if (existsSync(file))
        throw new UsageError(`${file} is there already`, 'name another directory: sourced init DIR');
      mkdirSync(join(directory, 'sheets'), { recursive: true });
      writeFileSync(file, configText(systems));
      const schema = join(directory, 'sourced.schema.json');
      writeFileSync(schema, `${JSON.stringify(withDefinitions(configJsonSchema(registered)), null, 1)}\n`);
      if (globalOptions(command).json) {
        process.stdout.write(`${JSON.stringify({ config: file, schema, variables: variablesOf(systems) })}\n`);
        return;
      }
      process.stdout.write(
        `${file} is written, with sourced.schema.json for your editor.\n${nextStep(systems, directory)}` +
          `  npx --no sourced check --workspace ${directory}\n  npx --no sourced run --workspace ${directory}\n`,
      );
    });
}

function systemsOf(text: string | undefined): string[] {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase());
  const systems = [...new Set(names.filter(Boolean))];
  for (const name of systems) {
    if (systemNames.includes(name)) continue;
    const near = nearest(name, systemNames);
    throw new UsageError(
      `there is no template for the connector ${name}`,
      near ? `did you mean ${near}?` : `there are templates for ${systemNames.join(', ')}`,
    );
  }
  return systems;
}

function nextStep(systems: readonly string[], directory: string): string {
  if (!systems.length) return `Put your files into ${join(directory, 'sheets')}, then:\n`;
  const variables = variablesOf(systems);
  const width = Math.max(...variables.map(({ variable }) => variable.length));
  const lines = variables.map(({ variable, where }) => `  export ${`${variable}=…`.padEnd(width + 2)}  # ${where}\n`);
  return `It takes from the environment:\n${lines.join('')}Set these, then:\n`;
}
