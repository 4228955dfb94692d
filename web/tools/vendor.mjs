// Copies the modules that the website ships from node_modules, where `npm ci` has checked them against
// package-lock.json, to third_party/, where the bundler reads them, and notes their versions and hashes.
// Run it by hand to take a new version: change package.json, npm install, npm run vendor.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// For each package: what an import of it means, by subpath, and what else is copied.
const wanted = {
  '@formatjs/fast-memoize': { '.': 'index.js', license: 'LICENSE.md' },
  '@formatjs/icu-messageformat-parser': { '.': 'index.js', license: 'LICENSE.md' },
  '@formatjs/icu-skeleton-parser': { '.': 'index.js', license: 'LICENSE.md' },
  '@preact/signals': { '.': 'dist/signals.mjs', license: 'LICENSE' },
  '@preact/signals-core': { '.': 'dist/signals-core.mjs', license: 'LICENSE' },
  'axe-core': { '.': 'axe.min.js', license: 'LICENSE' },
  'intl-messageformat': { '.': 'index.js', license: 'LICENSE.md' },
  'openapi-fetch': { '.': 'dist/index.mjs', license: 'LICENSE' },
  preact: { '.': 'dist/preact.mjs', './hooks': 'hooks/dist/hooks.mjs', './jsx-runtime': 'jsx-runtime/dist/jsxRuntime.mjs', license: 'LICENSE' },
  'preact-iso': { './router': 'src/router.js', './lazy': 'src/lazy.js', license: 'LICENSE' },
  uplot: { '.': 'dist/uPlot.esm.js', css: 'dist/uPlot.min.css', license: 'LICENSE' },
};

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const manifest = {};

for (const [name, paths] of Object.entries(wanted)) {
  const source = join('node_modules', name);
  const { version, integrity } = lock.packages[source];
  const files = {};

  rmSync(join('third_party', name), { recursive: true, force: true });
  for (const path of Object.values(paths)) {
    const target = join('third_party', name, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(source, path), target);
    files[path] = createHash('sha256').update(readFileSync(target)).digest('hex');
  }

  const { license, ...exports } = paths;
  manifest[name] = { version, integrity, license, exports, files };
}

writeFileSync('third_party/modules.json', JSON.stringify(manifest, null, 2) + '\n');
