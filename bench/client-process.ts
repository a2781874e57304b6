import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ClientJob, ClientResult } from './ingest-client.ts';

/** Runs one client in a process of its own, so that its work is not counted as the server's. */
export function runClient(job: ClientJob): Promise<ClientResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'ingest-client.ts'), { execArgv: ['--conditions=source'] });
    let result: ClientResult | undefined;
    child.on('message', (message) => {
      result = message as ClientResult;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (result === undefined) reject(new Error(`the client ended with code ${code}`));
      else if (result.failures.length > 0) reject(new Error(`requests failed: ${result.failures.join('; ')}`));
      else resolve(result);
    });
    child.send(job);
  });
}
