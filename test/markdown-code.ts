import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The code blocks of a document in one language, those in lists without their indentation. */
export function codeBlocks(path: string, language: string): readonly string[] {
  const markdown = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
  const blocks = markdown.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'));
  return Array.from(blocks, ([, indentation, code]) => code.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''));
}

/** The `curl` commands of a document in order, each with its continuation lines. */
export function curlCommands(path: string): readonly string[] {
  return codeBlocks(path, 'sh').flatMap((block) =>
    block
      .split(/^(?=curl |#)|\n\n/m)
      .map((command) => command.trim())
      .filter((command) => command.startsWith('curl ')),
  );
}
