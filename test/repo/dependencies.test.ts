import { expect, test } from 'vitest';
import { projectFiles, readProjectFile } from './project-files.js';

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { dependencies, devDependencies } = JSON.parse(
  readProjectFile('package.json'),
) as PackageFile;

test('versions are exact', () => {
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
  );
  expect(loose, 'npm install --save-exact').toEqual([]);
});

test('every dependency has its reason in docs/decisions/', () => {
  const decisions = projectFiles(/^docs\/decisions\/.*\.md$/)
    .map(readProjectFile)
    .join('\n');
  const unexplained = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !decisions.includes(`\`${name}\``),
  );
  expect(unexplained, 'add a decision that says why it is needed').toEqual([]);
});
test('every runtime dependency is used by src/', () => {
  const sources = projectFiles(/^src\/.*\.ts$/)
    .map(readProjectFile)
    .join('\n');
  const unused = Object.keys(dependencies).filter((name) => !sources.includes(`'${name}`));
  expect(unused, 'remove it from dependencies').toEqual([]);
});

test('the lock file has an entry for each optional package of each platform', () => {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => packages[`node_modules/${name}`] === undefined);
  expect(missing, 'npm ci fails without them; see docs/decisions/0001-dependencies.md').toEqual([]);
});
