import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Without these a headless Chromium looks for updates and hosts of its own. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A headless Chromium: `SPOOR_CHROMIUM`, else an installed one, else Debian's package where this process may install it.
 * @throws when there is none, saying what to install: the page is never passed over untested
 */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: flags, timeout: launchMilliMax });
}

/** A machine that does a lot beside takes its time. */
const launchMilliMax = 180_000;

function chromiumPath(): string {
  const told = process.env['SPOOR_CHROMIUM'];
  if (told) return told;
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'inherit' });
    if (existsSync(places[0])) return places[0];
  }
  throw new Error(
    'the page is tested in Chromium, and none was found: install it (Debian, Ubuntu: apt-get install chromium; ' +
      'Fedora: dnf install chromium; macOS: brew install --cask chromium), or say where it is with SPOOR_CHROMIUM=/path/to/chromium',
  );
}
