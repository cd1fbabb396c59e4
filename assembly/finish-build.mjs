// tsc sets no execute bit; without it `npx depthmill` in a clone ends with 127.
import { chmodSync, existsSync } from 'node:fs';

for (const path of ['build/cli/main.js']) if (existsSync(path)) chmodSync(path, 0o755);
