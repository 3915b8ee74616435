// Makes the CommonJS build of the packages that have one, in dist/cjs: every module once more in that format, with its declarations. Those say the
// same in both formats; which copy of axios or grpc-js they speak of follows from where they lie. Types were checked by `tsc -b`.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true, isolatedModules: true, removeComments: true };

function buildCommonJs(directory) {
  const [source, dist] = ['src', 'dist'].map((name) => path.join(directory, name));
  const target = path.join(dist, 'cjs');
  rmSync(target, { recursive: true, force: true });
  for (const file of readdirSync(source, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const name = file.slice(0, -'.ts'.length);
    mkdirSync(path.join(target, path.dirname(file)), { recursive: true });
    const { outputText } = ts.transpileModule(readFileSync(path.join(source, file), 'utf8'), { compilerOptions, fileName: file });
    writeFileSync(path.join(target, `${name}.js`), outputText);
    copyFileSync(path.join(dist, `${name}.d.ts`), path.join(target, `${name}.d.ts`));
  }
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify({ type: 'commonjs', sideEffects: false })}\n`);
}

for (const directory of readdirSync('packages').map((name) => path.join('packages', name))) {
  const { exports } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  if (exports['.'].require !== undefined) buildCommonJs(directory);
}
