/**
 * A step of the page's bundling: imports through a room's `index.ts` go straight to the files behind it. esbuild decides
 * file by file which chunk code goes to, and whoever imports a barrel reaches every file behind it: without this step
 * the first load would carry whatever a chunk that comes later needs of the same room.
 */
import type { Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param root  of the repository */
export function barrelImports(root: string): Plugin {
  const rooms = new Map<string, ReadonlyMap<string, string>>();
  const fileOf = (room: string, name: string): string => {
    let files = rooms.get(room);
    if (files === undefined) rooms.set(room, (files = exportedNames(join(root, 'packages', room, 'src/index.ts'))));
    const file = files.get(name);
    if (file === undefined) throw new Error(`@spoor/${room} exports no ${name}`);
    return file;
  };
  return {
    name: 'barrel-imports',
    setup(build) {
      build.onLoad({ filter: /packages\/ui\/src\/.*\.tsx?$/ }, ({ path }) => ({
        contents: withoutBarrels(readFileSync(path, 'utf8'), fileOf),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
      }));
    },
  };
}

/** The source with one import for each file in place of one for each room, on the same lines. Types are left out. */
export function withoutBarrels(source: string, fileOf: (room: string, name: string) => string): string {
  return source.replaceAll(/^import \{([^}]*)\} from '@spoor\/(\w+)';/gm, (whole, list: string, room: string) => {
    const names = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '));
    const imports = names.map((name) => {
      const file = JSON.stringify(fileOf(room, name.split(' as ')[0]));
      return `import { ${name} } from ${file};`;
    });
    return imports.join(' ') + '\n'.repeat(whole.split('\n').length - 1);
  });
}

/** Name → file, of the values that a barrel exports. */
function exportedNames(barrel: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const source = readFileSync(barrel, 'utf8');
  for (const [, list, specifier] of source.matchAll(/^export (\*|\{[^}]*\}) from '([^']+)';/gm)) {
    const file = join(dirname(barrel), specifier);
    const names = list === '*' ? declaredNames(file) : list.slice(1, -1).split(',');
    for (const name of names) files.set(name.trim(), file);
  }
  return files;
}

function declaredNames(file: string): readonly string[] {
  const declaration = /^export (?:async )?(?:const|function\*?|class) (\w+)/gm;
  return [...readFileSync(file, 'utf8').matchAll(declaration)].map(([, name]) => name);
}
