// Opens Chromium for browser tests without any system package: the one inside the npm package on Linux x64, with the
// libraries it carries where the machine has none; elsewhere an installed Chrome.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { root } from '../workspace.ts';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'];

export async function openBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return installedChrome();
  const home = await unpackedChromium();
  const launch = (libraries: Record<string, string>) =>
    chromium.launch({
      executablePath: join(home, 'chromium'),
      args: FLAGS,
      env: { ...(process.env as Record<string, string>), FONTCONFIG_PATH: join(home, 'fonts'), ...libraries },
    });
  try {
    return await launch({});
  } catch (error) {
    if (!/error while loading shared libraries/.test(String(error))) throw error;
    return launch({ LD_LIBRARY_PATH: join(home, 'al2023', 'lib') });
  }
}

async function installedChrome(): Promise<Browser> {
  try {
    return await chromium.launch({ channel: 'chrome', args: ['--hide-scrollbars'] });
  } catch (error) {
    throw new Error('The browser tests need Google Chrome on this system: install it, then run them again.', {
      cause: error,
    });
  }
}

/**
 * Unpacks the package's browser once, in a process of its own because the package writes to that process's temporary
 * directory. A half-unpacked browser is never used, and two test runs do not meet.
 */
async function unpackedChromium(): Promise<string> {
  const cache = join(root, '.cache');
  const home = join(cache, 'chromium-153.0.0');
  if (existsSync(home)) return home;
  const partial = `${home}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: root,
    env: { ...process.env, TMPDIR: partial },
  });
  await writeFile(join(partial, 'fonts', 'fonts.conf'), fontsOf(join(home, 'fonts')));
  await rename(partial, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
  return home;
}

const unpack = `
import packed, { inflate } from '@sparticuz/chromium';
await packed.executablePath();
await inflate('node_modules/@sparticuz/chromium/bin/al2023.tar.br');
`;

/** The package's own file names directories of a cloud function; where none of them exists there is no font at all, and
 * the browser stops at the first character it looks for. */
const fontsOf = (directory: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}</dir>
  <cachedir>${join(directory, 'cache')}</cachedir>
</fontconfig>
`;
