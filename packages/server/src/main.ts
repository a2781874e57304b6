import { keepCompiledCode } from './code-cache.ts';
import { tuneCollector } from './collector-tuning.ts';

// Both hold for what comes after them only, so the program itself is loaded when they are done.
tuneCollector();
keepCompiledCode(process.env);
const { runCommand } = await import('./commands.ts');
await runCommand();
